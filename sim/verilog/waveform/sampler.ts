import type { EngineDesign } from '../engine.ts'
import type { Simulation } from '../simulation.ts'

/** A signal of a waveform. */
export interface WaveSignal {
  readonly name: string
  readonly scope: readonly string[]
  readonly width: number
  readonly signed: boolean
  /** Undefined for a signal inside the design. */
  readonly direction: 'input' | 'output' | undefined
  /** A clock input, under any name; whole cycles of the main clock leave no trace in memory. */
  readonly clock: 'main' | 'other' | undefined
  /** Index of its lowest word in a sample; names of one signal share it. */
  readonly offset: number
}

type Named = Omit<WaveSignal, 'clock' | 'offset'>

/** Reads the signals of a settled design into one array: all that are named if it is traced, else ports and registers. */
export class Sampler {
  readonly signals: readonly WaveSignal[]
  readonly values: Int32Array
  readonly #simulation: Simulation
  readonly #words: Int32Array
  readonly #copies: readonly { readonly from: number; readonly to: number; readonly count: number }[]
  readonly #probes: readonly { readonly name: string; readonly to: number; readonly count: number }[]

  constructor(simulation: Simulation) {
    const { design } = simulation
    const signals: WaveSignal[] = []
    const copies: { from: number; to: number; count: number }[] = []
    const probes: { name: string; to: number; count: number }[] = []
    const clocks = new Map<number, 'main' | 'other'>()
    for (const { name, clock, word } of design.ports)
      if (clock) clocks.set(word, name === design.clock ? 'main' : 'other')
    let size = 0
    const take = ({ width }: Named) => {
      const to = size
      size += Math.ceil(width / 32)
      return { to, count: size - to }
    }
    const offsets = new Map<string, number>()
    const addWord = (signal: Named, word: number) => {
      const key = `${word} ${signal.width}`
      let offset = offsets.get(key)
      if (offset === undefined) {
        const { to, count } = take(signal)
        copies.push({ from: word, to, count })
        offsets.set(key, to)
        offset = to
      }
      signals.push({ ...signal, clock: clocks.get(word), offset })
    }
    const ports = new Set(design.ports.map(({ name }) => name))
    for (const { name, word, width, signed, direction } of design.ports)
      addWord({ name, scope: [], width, signed, direction }, word)
    for (const { name, scope, word, width, signed } of design.signals ?? [])
      if (scope.length > 0 || !ports.has(name))
        addWord({ name, scope, width, signed, direction: undefined }, word)
    for (const { name, width } of isTraced(design) ? [] : design.probes) {
      if (ports.has(name)) continue
      const signal = { name, scope: name.split('.').slice(0, -1), width, signed: false, direction: undefined }
      const { to, count } = take(signal)
      probes.push({ name, to, count })
      signals.push({ ...signal, clock: undefined, offset: to })
    }
    this.signals = signals
    this.values = new Int32Array(size)
    this.#simulation = simulation
    this.#words = simulation.words
    this.#copies = copies
    this.#probes = probes
  }

  /** Takes the values as they are now. */
  sample(): void {
    const [words, values] = [this.#words, this.values]
    for (const { from, to, count } of this.#copies)
      for (let i = 0; i < count; i++) values[to + i] = words[from + i]!
    for (const { name, to, count } of this.#probes) {
      const value = this.#simulation.peek(name)
      if (typeof value === 'number') values[to] = value
      else
        for (let i = 0; i < count; i++) values[to + i] = Number((value >> BigInt(32 * i)) & 0xffffffffn) | 0
    }
  }
}

/** The value of a signal in an array of samples. */
export function valueAt(values: Int32Array, { offset, width }: WaveSignal): bigint {
  let value = 0n
  for (let i = Math.ceil(width / 32) - 1; i >= 0; i--)
    value = (value << 32n) | BigInt(values[offset + i]! >>> 0)
  return value
}

/** Whether a design shows all its named signals. */
export function isTraced(design: EngineDesign): boolean {
  return (design.signals?.length ?? 0) > 0
}
