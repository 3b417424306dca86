import { join } from 'node:path'
import { compileVerilog, Simulation } from '../../../sim/verilog/index.ts'
import type { Random } from '../../../src/core/random.ts'
import { type HardwareModule, streamWidth } from '../../../src/network/hardware/hardware-module.ts'
import { packBeats, unpackBeats } from '../../../src/network/hardware/stream-packing.ts'
import { root } from '../../support/hdl-files.ts'

/** RUNS asks for more random cases than usual: those would only fill the cache. */
const longRun = process.env['RUNS'] !== undefined

/** Compiles a module with its library for the simulator and resets it. */
export async function simulateModule(module: HardwareModule): Promise<Simulation> {
  const library = module.library.map((file) => join(root, 'hdl/network', file))
  const names = [...module.files.keys()].filter((name) => name.endsWith('.sv'))
  const design = await compileVerilog([...names, ...library], {
    top: module.name,
    clock: 'clk',
    ...(longRun ? { cache: false } : {}),
    files: Object.fromEntries(module.files),
  })
  const simulation = new Simulation(design)
  simulation.set('rst', 1)
  simulation.step(2)
  simulation.set('rst', 0)
  return simulation
}

/** Part of a tensor goes in, then comes a reset of one clock: nothing of it may remain. */
export function interrupt(simulation: Simulation, random: Random): void {
  simulation.set('s_axis_tvalid', 1)
  simulation.set('m_axis_tready', random.integer(2))
  for (let clocks = random.integer(60); clocks >= 0; clocks--) {
    simulation.words[simulation.word('s_axis_tdata')] = 0
    simulation.step()
  }
  simulation.set('rst', 1)
  simulation.step()
  simulation.set('rst', 0)
  simulation.set('s_axis_tvalid', 0)
}

/** How often each side pauses, of 256 clocks; `between` pauses the source that many clocks after a tensor. */
export interface Pace {
  readonly source: number
  readonly sink: number
  readonly between?: number
}

export const fullSpeed: Pace = { source: 0, sink: 0 }

export interface ModuleRun {
  readonly outputs: Float64Array[]
  /** For each tensor: clock of its last input handshake, and first clock with valid of its last output. */
  readonly taken: number[]
  readonly offered: number[]
}

/**
 * Sends tensors through a module while both sides pause at random; what is not valid is rubbish.
 * @throws Error when it is stuck, withdraws or changes an output, or gives too much
 */
export function runModule(
  simulation: Simulation,
  module: HardwareModule,
  shapes: { readonly input: readonly number[]; readonly output: readonly number[] },
  tensors: readonly ArrayLike<number>[],
  pace: Pace,
  random: Random,
): ModuleRun {
  const { input, output } = module
  const beats = tensors.flatMap((tensor) => packBeats(input, shapes.input, tensor))
  const ready = reader(simulation, 's_axis_tready')
  const valid = reader(simulation, 'm_axis_tvalid')
  const data = wideReader(simulation, 'm_axis_tdata', streamWidth(output))
  const setData = wideWriter(simulation, 's_axis_tdata', streamWidth(input))
  const validWord = simulation.word('s_axis_tvalid')
  const readyWord = simulation.word('m_axis_tready')
  const found: bigint[] = []
  const taken: number[] = []
  const offered: number[] = []
  const total = tensors.length * output.beats
  let sent = 0
  let offering = false
  let held: bigint | undefined
  let pause = 0
  for (let clock = 0, idle = 0, extra = 30; extra > 0; clock++, idle++) {
    if (idle > 200_000) throw new Error(`stuck after ${sent} inputs and ${found.length} outputs`)
    if (!offering && sent < beats.length && pause === 0 && random.integer(256) >= pace.source) {
      offering = true
      setData(beats[sent]!)
    } else if (!offering) setData(BigInt(random.uint32()))
    if (pause > 0) pause--
    simulation.words[validWord] = Number(offering)
    const accepts = random.integer(256) >= pace.sink
    simulation.words[readyWord] = Number(accepts)
    simulation.settle()
    const took = offering && ready() === 1
    const word = valid() === 1 ? data() : undefined
    if (held !== undefined && word !== held) throw new Error(`output ${found.length} changed while waiting`)
    if (word !== undefined && held === undefined && (found.length + 1) % output.beats === 0)
      offered.push(clock)
    held = accepts ? undefined : word
    if (accepts && word !== undefined) found.push(word)
    simulation.step()
    if (took) {
      sent++
      offering = false
      if (sent % input.beats === 0) {
        taken.push(clock)
        pause = pace.between ?? 0
      }
    }
    if (took || (accepts && word !== undefined)) idle = 0
    if (sent === beats.length && found.length >= total) extra--
  }
  if (found.length !== total) throw new Error(`${found.length} output beats instead of ${total}`)
  const outputs = tensors.map((_, t) =>
    unpackBeats(output, shapes.output, found.slice(t * output.beats, (t + 1) * output.beats)),
  )
  return { outputs, taken, offered }
}

function reader(simulation: Simulation, name: string): () => number {
  const word = simulation.word(name)
  return () => simulation.words[word]!
}

function wideReader(simulation: Simulation, name: string, width: number): () => bigint {
  const word = simulation.word(name)
  const { words } = simulation
  const count = Math.ceil(width / 32)
  return () => {
    let value = 0n
    for (let i = count - 1; i >= 0; i--) value = (value << 32n) | BigInt(words[word + i]! >>> 0)
    return BigInt.asUintN(width, value)
  }
}

function wideWriter(simulation: Simulation, name: string, width: number): (value: bigint) => void {
  const word = simulation.word(name)
  const { words } = simulation
  const count = Math.ceil(width / 32)
  return (value) => {
    const cut = BigInt.asUintN(width, value)
    for (let i = 0; i < count; i++) words[word + i] = Number((cut >> BigInt(32 * i)) & 0xffffffffn) | 0
  }
}
