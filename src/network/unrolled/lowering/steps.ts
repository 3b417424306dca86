import type { Range } from '../../graph/integer-graph.ts'
import { applyFunction, type ScalarFunction } from '../../graph/scalar-function.ts'
import type { NetlistBuilder } from '../netlist/netlist-builder.ts'
import type { Linear } from './linear.ts'

/** A function by its steps: `outputs[number of thresholds <= argument]`, thresholds strictly ascending. */
export interface Steps {
  readonly thresholds: readonly number[]
  /** One more than thresholds; neighbours differ. */
  readonly outputs: readonly number[]
}

/** Steps beyond which a function is no longer written as a list of them. */
export const maximumSteps = 4096

/** Most arguments that are tried one by one. */
const maximumScan = 2 ** 16

/** Steps found before, by function and what else they depend on: lanes of one channel share them. */
const known = new WeakMap<ScalarFunction, Map<string, Steps | undefined>>()

/**
 * The steps of `f(x)` as a function of x's node over its range; undefined where there are too many, or where the
 * function is neither known to be monotone nor short enough to try everywhere.
 */
export function stepsOf(builder: NetlistBuilder, f: ScalarFunction, x: Linear): Steps | undefined {
  const range = builder.range(x.node!)
  const key = [x.factor, x.offset, range.min, range.max, range.step].join(' ')
  let found = known.get(f)
  if (found === undefined) known.set(f, (found = new Map()))
  if (!found.has(key)) found.set(key, findSteps(f, x, range))
  return found.get(key)
}

function findSteps(f: ScalarFunction, x: Linear, range: Range): Steps | undefined {
  const at = (argument: number): number => applyFunction(f, argument * x.factor + x.offset)
  if (f.kind === 'thresholds') return thresholdSteps(f.thresholds, x, range, at)
  if (f.kind !== 'table') return monotoneSteps(range, at)
  return (range.max - range.min) / range.step < maximumScan ? scannedSteps(range, at) : undefined
}

function thresholdSteps(
  list: Float64Array,
  x: Linear,
  range: Range,
  at: (argument: number) => number,
): Steps | undefined {
  // x >= t is node >= (t - offset) / factor, or for a negative factor node < the next multiple above.
  const places = new Set<number>()
  for (const threshold of list) {
    const place = (threshold - x.offset) / x.factor
    const first = x.factor > 0 ? Math.ceil(place / range.step) : Math.floor(place / range.step) + 1
    const argument = first * range.step
    if (argument > range.min && argument <= range.max) places.add(argument)
    if (places.size > maximumSteps) return undefined
  }
  return fromPlaces(
    range.min,
    [...places].sort((p, q) => p - q),
    at,
  )
}

function scannedSteps(range: Range, at: (argument: number) => number): Steps | undefined {
  const places: number[] = []
  let before = at(range.min)
  for (let argument = range.min + range.step; argument <= range.max; argument += range.step) {
    const value = at(argument)
    if (value !== before) places.push(argument)
    if (places.length > maximumSteps) return undefined
    before = value
  }
  return fromPlaces(range.min, places, at)
}

/** Finds each step of a monotone function by bisection. */
function monotoneSteps(range: Range, at: (argument: number) => number): Steps | undefined {
  const count = Math.round((range.max - range.min) / range.step)
  if (Math.abs(at(range.max) - at(range.min)) > maximumSteps) return undefined
  const places: number[] = []
  let from = 0
  const last = at(range.max)
  for (let value = at(range.min); value !== last && from < count; ) {
    let low = from
    let high = count
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (at(range.min + middle * range.step) === value) low = middle
      else high = middle
    }
    from = high
    places.push(range.min + from * range.step)
    value = at(range.min + from * range.step)
  }
  return fromPlaces(range.min, places, at)
}

function fromPlaces(first: number, places: readonly number[], at: (argument: number) => number): Steps {
  const thresholds: number[] = []
  const outputs = [at(first)]
  for (const place of places) {
    const value = at(place)
    if (value === outputs.at(-1)) continue
    thresholds.push(place)
    outputs.push(value)
  }
  return { thresholds, outputs }
}
