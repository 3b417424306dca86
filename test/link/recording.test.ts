import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DuplexCarrier } from '../../sim/board/duplex.ts'
import { LinkEndpoint } from '../../sim/board/link-endpoint.ts'
import { LossyCarrier } from '../../sim/board/lossy-carrier.ts'
import { ReplayCarrier } from '../../sim/board/replay-carrier.ts'
import { VirtualClock } from '../../sim/board/virtual-clock.ts'
import { Random } from '../../src/core/random.ts'
import type { Carrier } from '../../src/link/carrier.ts'
import { readRecording } from '../../src/link/read-recording.ts'
import { RecordingCarrier } from '../../src/link/recording.ts'
import { LinkSession } from '../../src/link/session.ts'
import { TestTarget } from './test-target.ts'

const folder = mkdtempSync(join(tmpdir(), 'gemgate-recording-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Gives an event of the last bytes for every 1000 bytes of pixels, and a counter in register 0. */
class EchoTarget extends TestTarget {
  override push(bytes: Uint8Array): number {
    for (const byte of bytes) {
      this.pixels.push(byte)
      if (this.pixels.length % 1000 === 0) this.messages.push(Uint8Array.from(this.pixels.slice(-700)))
    }
    this.registers[0] = this.pixels.length
    return bytes.length
  }
}

function pixels(length: number, step: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i * step)
}

/** What a host does in these tests; gives everything that it saw. */
async function traffic(
  carrier: Carrier,
  clock: VirtualClock,
  change: Partial<Script> = {},
): Promise<unknown[]> {
  const { word, count, step, length } = { word: 7, count: 3, step: 3, length: 5000, ...change }
  const session = await LinkSession.open(carrier, { clock })
  try {
    const seen: unknown[] = [session.device.build, session.device.schema]
    for (let round = 0; round < 2; round++) {
      await session.write(4, [1, 2, word])
      await session.pulse(9, new Uint32Array(300).fill(8))
      const events = session.receive()
      const sent = session.send(pixels(length, step + round))
      sent.catch(() => {})
      for (let n = 0; n < 5; n++) seen.push([...(await events.next()).value!])
      await sent
      seen.push([...(await session.read(4, count))], (await session.read(0))[0])
      if (round === 0) await session.restart()
    }
    return seen
  } finally {
    await session.close()
  }
}

interface Script {
  readonly word: number
  readonly count: number
  readonly step: number
  readonly length: number
}

describe.each(['bytes', 'records'] as const)('a recording of %s', (framing) => {
  const file = join(folder, `${framing}.jsonl`)
  let seen: unknown[]
  beforeAll(async () => {
    const clock = new VirtualClock()
    const endpoint = new LinkEndpoint(new EchoTarget(), {
      framing,
      registers: 64,
      schema: 99,
      build: 0x123456789abcdef0n,
    })
    // On a bad line: repeats and damaged frames must not matter for the replay.
    const line = new LossyCarrier(new DuplexCarrier(endpoint, { clock }), {
      random: new Random(6),
      rates: { dropChunk: 0.05, flip: 0.05, double: 0.05 },
      clock,
    })
    const recorder = new RecordingCarrier(line, file, { board: { address: 'test:' }, clock })
    seen = await clock.run(traffic(recorder, clock))
    expect(line.counts.dropChunk + line.counts.flip + line.counts.double).toBeGreaterThan(5)
  })

  async function replay(change: Partial<Script> = {}, path = file): Promise<unknown[]> {
    const clock = new VirtualClock()
    return clock.run(traffic(await ReplayCarrier.open(path, clock), clock, change))
  }

  it('has a header, one frame a line, and an end', () => {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(JSON.parse(lines[0]!)).toMatchObject({ version: 1, framing, board: { address: 'test:' } })
    expect(JSON.parse(lines[1]!)).toMatchObject({ from: 'host', kind: 'hello', seq: 0 })
    expect(JSON.parse(lines.at(-1)!)).toEqual({ end: true, frames: lines.length - 2 })
  })

  it('stands in for the device, again and again', async () => {
    expect(await replay()).toEqual(seen)
    expect(await replay()).toEqual(seen)
  })

  it('says what was asked and what was recorded when the host does something else', async () => {
    for (const [change, words] of [
      [{ word: 8 }, ['write 8 to register 6', 'write 7 to register 6']],
      [{ count: 2 }, ['read register 0', 'read register 6']],
      [{ step: 4 }, ['byte 1 of the pixels stream is 4', 'it was 3']],
      [{ length: 5001 }, ['byte 5000 and more', '5000 bytes']],
    ] as const) {
      const error = await replay(change).catch((error: unknown) => error)
      expect(error).toMatchObject({ code: 'GG_REPLAY', file })
      for (const word of words) expect(String(error)).toContain(word)
    }
  })

  it('refuses a session more than was recorded', async () => {
    const clock = new VirtualClock()
    const session = await clock.run(LinkSession.open(await ReplayCarrier.open(file, clock), { clock }))
    await clock.run(session.restart())
    await expect(clock.run(session.restart())).rejects.toMatchObject({ code: 'GG_REPLAY' })
    await session.close()
  })

  it('is refused when a byte of it was changed, with the line', async () => {
    const text = readFileSync(file, 'utf8')
    const random = new Random(8)
    const path = join(folder, `damaged-${framing}.jsonl`)
    let harmless = 0
    for (let n = 0; n < 60; n++) {
      const at = random.integer(text.length)
      const letter = String.fromCharCode(33 + random.integer(90))
      writeFileSync(path, text.slice(0, at) + letter + text.slice(at + 1))
      const error = await replay({}, path).catch((error: unknown) => error)
      // Names, times and white space may change without harm; nothing else may.
      if (Array.isArray(error)) {
        expect(error).toEqual(seen)
        harmless++
        continue
      }
      expect(['GG_FILE_CORRUPT', 'GG_FILE_FORMAT', 'GG_FILE_TRUNCATED']).toContain(
        (error as { code: string }).code,
      )
      const line = text.slice(0, at).split('\n').length
      expect([line, line + 1]).toContain((error as { line: number }).line)
    }
    expect(harmless).toBeLessThan(20)
  })

  it('is refused when it was cut, and when lines are missing or added', async () => {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    const path = join(folder, `cut-${framing}.jsonl`)
    const write = (kept: readonly string[]) => writeFileSync(path, kept.map((line) => `${line}\n`).join(''))
    for (const [kept, code] of [
      [lines.slice(0, -1), 'GG_FILE_TRUNCATED'],
      [lines.slice(0, 1), 'GG_FILE_TRUNCATED'],
      [[], 'GG_FILE_FORMAT'],
      [lines.toSpliced(5, 1), 'GG_FILE_TRUNCATED'],
      [[...lines, lines[3]!], 'GG_FILE_CORRUPT'],
      [lines.slice(1), 'GG_FILE_FORMAT'],
      [lines.with(7, lines[7]!.slice(0, -9)), 'GG_FILE_CORRUPT'],
    ] as const) {
      write(kept)
      await expect(readRecording(path)).rejects.toMatchObject({ code, file: path })
    }
    await expect(readRecording(join(folder, 'nothing.jsonl'))).rejects.toMatchObject({
      code: 'GG_FILE_NOT_FOUND',
    })
    await expect(readRecording(folder)).rejects.toMatchObject({ code: 'GG_FILE_NOT_FOUND' })
  })
})

it('a recording that cannot be written is refused at once', () => {
  const endpoint = new LinkEndpoint(new TestTarget(), { framing: 'bytes', registers: 64 })
  const path = join(folder, 'missing', 'recording.jsonl')
  expect(() => new RecordingCarrier(new DuplexCarrier(endpoint), path)).toThrow(
    expect.objectContaining({ code: 'GG_OUTPUT' }),
  )
})

it('a recording that cannot be read is refused as such', async () => {
  await expect(readRecording('/proc/self/mem')).rejects.toMatchObject({ code: 'GG_FILE_NOT_FOUND' })
})

it('a disk that is full at the end, or a name that is taken, is told when the link is closed', async () => {
  const endpoint = () => new LinkEndpoint(new TestTarget(), { framing: 'bytes', registers: 64 })
  symlinkSync('/dev/full', join(folder, 'late.jsonl.new'))
  mkdirSync(join(folder, 'taken'))
  for (const name of ['late.jsonl', 'taken']) {
    const file = join(folder, name)
    const session = await LinkSession.open(new RecordingCarrier(new DuplexCarrier(endpoint()), file))
    await session.read(0)
    await expect(session.close()).rejects.toMatchObject({ code: 'GG_OUTPUT', file })
    await expect(session.close()).rejects.toMatchObject({ code: 'GG_OUTPUT', file })
  }
})

it('a carrier that fails while it is closed leaves a whole recording', async () => {
  const line = new DuplexCarrier(new LinkEndpoint(new TestTarget(), { framing: 'bytes', registers: 64 }))
  line[Symbol.asyncDispose] = () => Promise.reject(new Error('broken'))
  const file = join(folder, 'broken.jsonl')
  const session = await LinkSession.open(new RecordingCarrier(line, file))
  await session.read(0)
  await expect(session.close()).rejects.toThrow('broken')
  expect((await readRecording(file)).sessions).toHaveLength(1)
})

it('a full disk ends the session instead of leaving a gap', async () => {
  const endpoint = new LinkEndpoint(new TestTarget(), { framing: 'bytes', registers: 64 })
  // Writing to this file always fails for lack of room.
  symlinkSync('/dev/full', join(folder, 'full.jsonl.new'))
  const carrier = new RecordingCarrier(new DuplexCarrier(endpoint), join(folder, 'full.jsonl'))
  const session = await LinkSession.open(carrier)
  await expect(session.send(new Uint8Array(200_000))).rejects.toMatchObject({ code: 'GG_OUTPUT' })
  await expect(session.close()).rejects.toMatchObject({ code: 'GG_OUTPUT' })
  expect(readdirSync(folder)).not.toContain('full.jsonl')
})
