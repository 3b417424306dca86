import type { Simulation } from '../../sim/verilog/index.ts'
import type { Random } from '../../src/core/random.ts'

/** Values of the data ports of one side, in the order of the port names. */
export type Item = readonly (number | bigint)[]

/** A valid/ready stream of a module: its handshake and its data ports. */
export interface Stream {
  readonly valid: string
  readonly ready: string
  readonly data: readonly string[]
}

/** How often each side pauses, of 256 clocks. */
export interface StagePauses {
  readonly source: number
  readonly sink: number
}

export interface StageRun {
  readonly source: Stream
  readonly sink: Stream
  readonly items: readonly Item[]
  readonly pauses: StagePauses
  readonly random: Random
  /** True when the stage has given everything; it then gets some more clocks to give too much. */
  readonly finished: (outputs: readonly Item[]) => boolean
}

/** Clocks without any transfer after which a stage counts as stuck. */
const patience = 20_000

/** Reads a port as an unsigned number or bigint, from the words where that is possible. */
export function reader(simulation: Simulation, name: string): () => number | bigint {
  const { width, word } = simulation.ports.get(name)!
  const { words } = simulation
  return width <= 32 ? () => words[word]! >>> 0 : () => simulation.get(name)
}

/** Writes a port, negative numbers in two's complement. */
export function writer(simulation: Simulation, name: string): (value: number | bigint) => void {
  const { width, word } = simulation.ports.get(name)!
  const { words } = simulation
  if (width > 32) return (value) => simulation.set(name, BigInt.asUintN(width, BigInt(value)))
  const mask = width === 32 ? -1 : 2 ** width - 1
  return (value) => {
    words[word] = Number(value) & mask
  }
}

/** The random value of a port whose valid is low: nothing may depend on it. */
export function rubbish(simulation: Simulation, name: string, random: Random): number | bigint {
  const { width } = simulation.ports.get(name)!
  if (width <= 32) return random.uint32()
  let value = 0n
  for (let bits = 0; bits < width; bits += 32) value = (value << 32n) | BigInt(random.uint32())
  return value
}

/** Sets `start` or another strobe for one clock. */
export function pulse(simulation: Simulation, name: string): void {
  simulation.set(name, 1)
  simulation.step()
  simulation.set(name, 0)
}

/**
 * Sends items through a stage while both sides pause at random, as AXI4-Stream demands: valid stays until
 * ready, and data with it.
 * @returns what came out
 * @throws Error when the stage is stuck, or withdraws or changes an output that was not taken
 */
export function runStage(simulation: Simulation, run: StageRun): Item[] {
  const { source, sink, items, pauses, random } = run
  const writes = source.data.map((name) => writer(simulation, name))
  const reads = sink.data.map((name) => reader(simulation, name))
  const sourceValid = writer(simulation, source.valid)
  const sourceReady = reader(simulation, source.ready)
  const sinkValid = reader(simulation, sink.valid)
  const sinkReady = writer(simulation, sink.ready)
  const outputs: Item[] = []
  let sent = 0
  let offering = false
  let held: Item | undefined
  let extra = 100
  for (let idle = 0; ; idle++) {
    if (idle > patience) throw new Error(`stuck after ${sent} inputs and ${outputs.length} outputs`)
    if (!offering && sent < items.length && random.integer(256) >= pauses.source) offering = true
    const item = offering ? items[sent]! : source.data.map((name) => rubbish(simulation, name, random))
    writes.forEach((write, i) => {
      write(item[i]!)
    })
    sourceValid(Number(offering))
    const ready = random.integer(256) >= pauses.sink
    sinkReady(Number(ready))
    simulation.settle()
    const taken = offering && sourceReady() === 1
    const output = sinkValid() === 1 ? reads.map((read) => read()) : undefined
    if (held !== undefined && !(output !== undefined && held.every((value, i) => value === output[i])))
      throw new Error(`output ${outputs.length} changed before it was taken`)
    held = ready ? undefined : output
    if (ready && output !== undefined) outputs.push(output)
    simulation.step()
    if (taken) {
      sent++
      offering = false
    }
    if (taken || (ready && output !== undefined)) idle = 0
    if (sent === items.length && run.finished(outputs) && extra-- === 0) break
  }
  sourceValid(0)
  sinkReady(0)
  return outputs
}

/** The paces at which every stage is tried: full speed, a slow source, a slow sink, both. */
export const paces: readonly StagePauses[] = [
  { source: 0, sink: 0 },
  { source: 128, sink: 0 },
  { source: 0, sink: 128 },
  { source: 100, sink: 100 },
  { source: 20, sink: 240 },
]

/** Two's complement of `bits` bits, as ports give it. */
export const unsigned = (value: number, bits: number): number =>
  bits === 32 ? value >>> 0 : value & (2 ** bits - 1)
