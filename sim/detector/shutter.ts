import type { Deposit } from '../../src/frame/truth.ts'
import type { DetectorGeometry } from './geometry.ts'

/** Rows from `first` to `end` (exclusive) that see a flash. */
export interface OpenRows {
  readonly first: number
  readonly end: number
}

/**
 * Rows open at `time` seconds after row 0 began its exposure, 0 to exposure + readoutTime (digitizationpp): early
 * flashes meet rows that have not begun, late ones miss rows already read.
 */
export function openRows(geometry: DetectorGeometry, exposure: number, time: number): OpenRows {
  const { height, readoutTime } = geometry
  const row = (t: number): number => Math.min(height, Math.max(0, Math.round((t / readoutTime) * height)))
  if (readoutTime === 0) return { first: 0, end: time >= 0 && time < exposure ? height : 0 }
  return { first: time > exposure ? row(time - exposure) : 0, end: time < readoutTime ? row(time) : height }
}

/** The deposit with the light that the shutter let pass. */
export function cutDeposit(deposit: Deposit, width: number, rows: OpenRows): Deposit {
  const from = firstAtLeast(deposit.pixels, rows.first * width)
  const to = Math.max(from, firstAtLeast(deposit.pixels, rows.end * width))
  if (from === 0 && to === deposit.pixels.length) return deposit
  const light = deposit.light.slice(from, to)
  return { ...deposit, pixels: deposit.pixels.slice(from, to), light, adu: total(light) }
}

/** Sum of all elements. */
export function total(values: Float32Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum
}

function firstAtLeast(sorted: Uint32Array, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}
