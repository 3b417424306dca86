import { GemgateError } from '../../../src/core/errors.ts'
import type { Simulation } from '../simulation.ts'

/** A memory inside a running design. */
export interface MemoryView {
  readonly name: string
  /** Words. */
  readonly length: number
  /** Bits of a word. */
  readonly width: number
  /** @throws GemgateError GG_PORT for an index that the memory has not */
  get(index: number): number | bigint
  set(index: number, value: number | bigint): void
  /** Sets consecutive words from `start` on. */
  load(values: ArrayLike<number | bigint>, start?: number): void
  toArray(): (number | bigint)[]
}

export function memoryView(simulation: Simulation, name: string): MemoryView {
  const { memories, top } = simulation.design
  const info = memories.find((memory) => memory.name === name)
  if (!info) {
    const known = memories.map((memory) => memory.name).join(', ')
    throw new GemgateError('GG_PORT', `${top} has no memory ${name}`, `Memories: ${known || 'none'}.`)
  }
  const { size: length, width } = info
  return {
    name,
    length,
    width,
    get: (index) => simulation.peekMemory(name, index),
    set: (index, value) => simulation.pokeMemory(name, index, value),
    load: (values, start = 0) => {
      for (let i = 0; i < values.length; i++) simulation.pokeMemory(name, start + i, values[i]!)
    },
    toArray: () => Array.from({ length }, (_, index) => simulation.peekMemory(name, index)),
  }
}
