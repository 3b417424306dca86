import type { Range } from '../../graph/integer-graph.ts'

/** Bits of a number of at least 0, exact also where `Math.log2` rounds. */
export function bitLength(x: number): number {
  if (x < 1) return 0
  let bits = Math.floor(Math.log2(x)) + 1
  while (2 ** bits <= x) bits++
  while (2 ** (bits - 1) > x) bits--
  return bits
}

/** How a signal holds a range: the values divided by `2^low`, in `bits` bits. */
export interface SignalFormat {
  readonly bits: number
  readonly signed: boolean
  readonly low: number
}

/** The exact format of a range; at least one bit. */
export function signalFormat({ min, max, step }: Range): SignalFormat {
  const low = Math.round(Math.log2(step))
  const signed = min < 0
  const magnitude = Math.max(max, signed ? -min - step : 0) / step
  return { bits: Math.max(1, bitLength(magnitude) + Number(signed)), signed, low }
}

/** How many values a range has. */
export function valueCount({ min, max, step }: Range): number {
  return (max - min) / step + 1
}
