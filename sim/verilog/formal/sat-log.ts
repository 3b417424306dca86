/** How a run of Yosys's `sat` ended, from its log. */
export interface SatOutcome {
  readonly result: 'proven' | 'reached' | 'exhausted' | 'satisfiable' | 'unsatisfiable' | undefined
  /** Length of the last induction. */
  readonly steps: number
}

const endings = [
  [/^Induction step proven: SUCCESS!/m, 'proven'],
  [/model found for base case: FAIL!/, 'reached'],
  [/^Reached maximum number of time steps/m, 'exhausted'],
  [/^SAT solving finished - model found:/m, 'satisfiable'],
  [/^SAT solving finished - no model found\./m, 'unsatisfiable'],
] as const

export function satOutcome(log: string): SatOutcome {
  const result = endings.find(([pattern]) => pattern.test(log))?.[1]
  const lengths = [...log.matchAll(/^\*\* Trying \w+ with length (\d+) \*\*/gm)]
  return { result, steps: Number(lengths.at(-1)?.[1] ?? 0) }
}

/** The deepest base case that a piece of a running log reports. */
export function provenDepth(log: string): number | undefined {
  const last = [...log.matchAll(/^Base case for induction length (\d+) proven\./gm)].at(-1)
  return last === undefined ? undefined : Number(last[1])
}

/** Bits of a signal that a model gives; the others may be anything. */
export interface KnownBits {
  readonly value: bigint
  readonly mask: bigint
}

/** Values of a model by time (0 is the initial state) and name. */
export type SatModel = ReadonlyMap<number, ReadonlyMap<string, KnownBits>>

/** Reads the last table of a log: rows of time, name, slice, and the value in three bases of which only bits always stand there. */
export function satModel(log: string): SatModel {
  const table = log.slice(log.lastIndexOf('  Time Signal Name'))
  const times = new Map<number, Map<string, KnownBits>>()
  const row = /^ +(init|\d+) \\(\S+)(?: \[(\d+)(?::(\d+))?\])? .*?([01]+)$/gm
  for (const [, time, name, high, low, bits] of table.matchAll(row)) {
    const at = time === 'init' ? 0 : Number(time)
    const values = times.get(at) ?? new Map<string, KnownBits>()
    times.set(at, values)
    const shift = BigInt(low ?? high ?? 0)
    const { value, mask } = values.get(name!) ?? { value: 0n, mask: 0n }
    values.set(name!, {
      value: value | (BigInt(`0b${bits}`) << shift),
      mask: mask | ((2n ** BigInt(bits!.length) - 1n) << shift),
    })
  }
  return times
}
