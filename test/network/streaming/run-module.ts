import { join } from 'node:path'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'
import type { Random } from '../../../src/core/random.ts'
import type { HardwareModule } from '../../../src/network/hardware/hardware-module.ts'
import { packBeats, unpackBeats } from '../../../src/network/hardware/stream-packing.ts'
import { root } from '../../support/hdl-files.ts'

/** RUNS asks for more random cases than usual: those would only fill the cache. */
const longRun = process.env['RUNS'] !== undefined

/** A module with its library, after reset. */
export async function simulateModule(module: HardwareModule): Promise<Dut> {
  const library = module.library.map((file) => join(root, 'hdl/network', file))
  const names = [...module.files.keys()].filter((name) => name.endsWith('.sv'))
  const dut = await simulate([...names, ...library], {
    top: module.name,
    ...(longRun ? { cache: false } : {}),
    files: Object.fromEntries(module.files),
  })
  await dut.applyReset()
  return dut
}

/** Part of a tensor goes in, then comes a reset of one clock: nothing of it may remain. */
export async function interrupt(dut: Dut, random: Random): Promise<void> {
  Object.assign(dut.in, { s_axis_tvalid: 1, s_axis_tdata: 0, m_axis_tready: random.integer(2) })
  await dut.clock(1 + random.integer(60))
  await dut.applyReset({ cycles: 1 })
  dut.in.s_axis_tvalid = 0
}

/** How often each side pauses; with `between` the source also pauses for that many clocks after each tensor. */
export interface Pace {
  readonly source: number
  readonly sink: number
  readonly between?: number
}

export const fullSpeed: Pace = { source: 0, sink: 0 }

export interface ModuleRun {
  readonly outputs: Float64Array[]
  /** For each tensor: clock of its last input handshake, and of its last output handshake. */
  readonly taken: number[]
  readonly made: number[]
}

/** Sends tensors through a module while both sides pause at random. */
export function runModule(
  dut: Dut,
  { input, output }: HardwareModule,
  shapes: { readonly input: readonly number[]; readonly output: readonly number[] },
  tensors: readonly ArrayLike<number>[],
  { between = 0, ...stall }: Pace,
  random: Random,
): ModuleRun {
  const words: bigint[] = []
  const taken: number[] = []
  const made: number[] = []
  let clock = 0
  const parts = between > 0 ? tensors.map((tensor) => [tensor]) : [tensors]
  parts.forEach((part, i) => {
    const last = i === parts.length - 1
    const run = dut.stream({
      source: 's_axis',
      items: part.flatMap((tensor) => packBeats(input, shapes.input, tensor)),
      sink: 'm_axis',
      count: last ? tensors.length * output.beats - words.length : 0,
      drain: last ? 30 : 0,
      stall,
      seed: random.uint32(),
      patience: 200_000,
    })
    taken.push(...clocksOfTensors(run.sources[0]!.times, input.beats, clock))
    words.push(...Array.from(run.data, BigInt))
    made.push(...Array.from(run.times, (time) => clock + time))
    dut.run(between)
    clock += run.cycles + between
  })
  if (words.length !== tensors.length * output.beats)
    throw new Error(`${words.length} output beats instead of ${tensors.length * output.beats}`)
  const outputs = tensors.map((_, t) =>
    unpackBeats(output, shapes.output, words.slice(t * output.beats, (t + 1) * output.beats)),
  )
  return { outputs, taken, made: clocksOfTensors(made, output.beats) }
}

/** The clock of the last beat of each tensor. */
function clocksOfTensors(times: ArrayLike<number>, beats: number, start = 0): number[] {
  return Array.from({ length: times.length / beats }, (_, t) => start + times[(t + 1) * beats - 1]!)
}
