import type { Board } from '../board/board.ts'
import { hostUnits } from '../board/host-units.ts'
import { LinkBoard } from '../board/link-board.ts'
import { type RegisterName, registerDeclarations } from '../board/registers.ts'
import { frameRegisters, settingsRegisters } from '../board/settings-registers.ts'
import { GemgateError } from '../core/errors.ts'
import { Random } from '../core/random.ts'
import { loadRecoilClassifier } from '../network/recoil-classifier.ts'
import { Datapath } from '../trigger/datapath.ts'
import { pedestalWord } from '../trigger/pedestal-words.ts'
import type { TriggerSettings } from '../trigger/settings.ts'
import { type BoardOptions, openNamed } from './board-open.ts'
import { exitCode, type Output } from './output.ts'
import { Progress } from './progress.ts'

/** Side of the test frames: small enough for every board. */
const side = 64

export interface TestOptions extends BoardOptions {
  readonly rounds: number
  /** Milliseconds for a test frame and its packet; simulated Verilog needs some seconds. */
  readonly patience?: number
}

/** `gemgate board test`: exit code 1 when anything differs from what it should be. */
export async function testBoard(
  address: string,
  options: TestOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  await using board = await openNamed(address, options)
  const before = await writtenRegisters(board)
  const restore = async (): Promise<void> => {
    await board.write('reset', 1)
    await board.writeAll(before)
  }
  const result = await testAll(board, options, signal).catch(async (error: unknown) => {
    // What went wrong first is what is told.
    await restore().catch(() => {})
    throw error
  })
  await restore()
  const { reads, pattern, frames } = result
  const link = board instanceof LinkBoard ? await board.statistics() : null
  const errors = reads.errors + pattern.errors + frames.errors
  output.text(`reads     ${reads.count}, ${reads.perSecond.toFixed(0)} per second, ${reads.errors} wrong`)
  output.text(
    `pattern   ${pattern.count} values through ${pattern.registers} registers, ${pattern.errors} wrong`,
  )
  output.text(
    `frames    ${frames.count} of ${side}x${side} pixels, ${(frames.bytesPerSecond / 1000).toFixed(1)} kB of pixels per second, ${frames.errors} packets unlike the specification's`,
  )
  if (link !== null) {
    const { host, device } = link
    output.text(
      `link      host: ${host.crcErrors} CRC, ${host.framingErrors} framing errors, ${host.requestsRepeated} requests repeated, ${host.framesResent} frames sent again`,
    )
    output.text(
      `          board, since power-up: ${device.crcErrors} CRC, ${device.framingErrors} framing errors, ${device.duplicates} repeats, ${device.retransmitted} frames sent again`,
    )
  }
  output.text(errors === 0 ? 'The board works.' : `The board does not work: ${errors} errors.`)
  const damaged = link === null ? 0 : link.host.crcErrors + link.host.framingErrors
  if (damaged > 0)
    output.text(
      `Its line damages bytes (${damaged} frames from the board): check cable, supply and baud rate.`,
    )
  output.result({ address, ok: errors === 0, reads, pattern, frames, link })
  if (errors > 0) process.exitCode = exitCode.failed
}

async function testAll(board: Board, { rounds, patience = 60_000 }: TestOptions, signal: AbortSignal) {
  const reads = await timeReads(board, rounds, signal)
  const pattern = await throughRegisters(board, Math.ceil(rounds / 100), signal)
  const frames = await throughLogic(board, Math.ceil(rounds / 10), patience, signal)
  return { reads, pattern, frames }
}

/** What can be read back and written again. */
async function writtenRegisters(board: Board): Promise<[RegisterName, number][]> {
  const values: [RegisterName, number][] = []
  for (const { name, access, bits } of registerDeclarations) {
    if (access !== 'write') continue
    const value = await board.read(name)
    // A register that a small board lacks may read as anything.
    if (value < 2 ** bits) values.push([name, value])
  }
  return values
}

async function timeReads(board: Board, count: number, signal: AbortSignal) {
  const { schema } = board.info
  let errors = 0
  const start = performance.now()
  for (let i = 0; i < count; i++) {
    signal.throwIfAborted()
    if ((await board.read('schema')) !== schema) errors++
  }
  return { count, errors, perSecond: (1000 * count) / (performance.now() - start) }
}

/** Random values, then all ones and all zeros, through every register that the board has. */
async function throughRegisters(board: Board, rounds: number, signal: AbortSignal) {
  const random = new Random(1)
  const small = board.info.capability.input === 'macro-pixels'
  const registers = registerDeclarations.filter(
    ({ name, access }) => access === 'write' && !(small && hostUnits.test(name)),
  )
  let count = 0
  let errors = 0
  for (let round = 0; round < rounds + 2; round++) {
    signal.throwIfAborted()
    const writes = registers.map(({ name, bits }): [RegisterName, number] => {
      const largest = 2 ** bits - 1
      if (round >= rounds) return [name, round === rounds ? largest : 0]
      return [name, random.integer(2 ** Math.min(bits, 31))]
    })
    await board.writeAll(writes)
    for (const [name, value] of writes) {
      count++
      if ((await board.read(name)) !== value) errors++
    }
  }
  return { registers: registers.length, count, errors }
}

/** Frames with a few bright spots; their packets must be those of the specification. */
async function throughLogic(board: Board, count: number, patience: number, signal: AbortSignal) {
  const random = new Random(2)
  const datapath = new Datapath((await loadRecoilClassifier()).classify, board.info.capability.labelBits)
  const pedestal = new Uint32Array(side * side).fill(pedestalWord(100, 3, false))
  await board.write('reset', 1)
  await board.writeAll(settingsRegisters(testSettings))
  await board.send('pedestal', new Uint8Array(pedestal.buffer))
  const progress = new Progress('frames', count)
  let errors = 0
  let milliseconds = 0
  for (let frame = 0; frame < count; frame++) {
    const pixels = new Uint16Array(side * side).fill(100)
    for (let spot = random.integer(4); spot > 0; spot--)
      pixels[random.integer(side * side)] = 1000 + random.integer(4000)
    const expected = datapath.process(pixels, pedestal, testSettings, frame, frame)
    const start = performance.now()
    await board.writeAll(frameRegisters(frame, frame))
    const packet = await packetOf(board, new Uint8Array(pixels.buffer), patience, signal)
    milliseconds += performance.now() - start
    if (packet === undefined || !Buffer.from(expected).equals(packet)) errors++
    progress.advance()
  }
  progress.finish()
  return { count, errors, bytesPerSecond: (1000 * count * 2 * side * side) / milliseconds }
}

/** Sends a frame and waits for its packet. Throws GG_STREAM when the logic does not give one in time. */
async function packetOf(
  board: Board,
  pixels: Uint8Array,
  patience: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const late = new AbortController()
  const timer = setTimeout(() => {
    const what = `the logic gave no packet within ${patience / 1000} s of its frame`
    late.abort(
      new GemgateError(
        'GG_STREAM',
        what,
        'Flash the firmware of this version, or lower the clock of the logic.',
      ),
    )
  }, patience)
  try {
    const either = AbortSignal.any([signal, late.signal])
    await board.send('pixels', pixels, { signal: either })
    for await (const packet of board.receive('events', { signal: either })) return packet
    return undefined
  } finally {
    clearTimeout(timer)
  }
}

const testSettings: TriggerSettings = {
  width: side,
  height: side,
  binning: 1,
  clipLow: 1600,
  clipHigh: 80000,
  weights: null,
  commonMode: null,
  gains: null,
  thresholdLow: 2000,
  thresholdHigh: 8000,
  link: 1,
  minimumPixels: 1,
  tiles: null,
}
