import { GemgateError } from '../../../src/core/errors.ts'

/** A clock: its period alone, or with the time of its first rising edge. Any unit, ns by habit; exact to a millionth. */
export type ClockSetting =
  | number
  | {
      readonly period: number
      /** Time of the first rising edge; with 0, the default, that is one period after the start. */
      readonly phase?: number
    }

/** A square wave that starts low. Times are in whole ticks, half a period is at least one. */
export class Clock {
  readonly name: string
  readonly half: number
  readonly first: number
  /** Rising edges so far. */
  rises = 0
  high = false

  constructor(name: string, half: number, first: number) {
    this.name = name
    this.half = half
    this.first = first
  }

  /** Tick of the rising edge with this number, the first being 1. */
  riseTime(number: number): number {
    return this.first + (number - 1) * 2 * this.half
  }

  /** Tick of the next edge of either direction. */
  get next(): number {
    return this.high ? this.riseTime(this.rises) + this.half : this.riseTime(this.rises + 1)
  }

  toggle(): void {
    this.high = !this.high
    if (this.high) this.rises++
  }

  restart(): void {
    this.rises = 0
    this.high = false
  }
}

/** The clocks of a bench on one time scale. */
export interface Timeline {
  readonly clocks: readonly Clock[]
  readonly ticksPerUnit: number
}

const finest = 2e6

/**
 * Puts clocks on one scale of whole ticks, so that edges that are due together are together.
 * @throws GemgateError GG_USAGE for a period that is not positive or not a multiple of a millionth
 */
export function timeline(settings: Readonly<Record<string, ClockSetting>>): Timeline {
  const given = Object.entries(settings).map(([name, setting]) => {
    const { period, phase = 0 } = typeof setting === 'number' ? { period: setting } : setting
    if (!(Number.isFinite(period) && period > 0 && Number.isFinite(phase) && phase >= 0))
      throw new GemgateError(
        'GG_USAGE',
        `the clock ${name} has period ${period} and phase ${phase}`,
        'Give a positive period and a phase of 0 or more, in any unit of time.',
      )
    return { name, period, phase }
  })
  const isTick = (value: number) => isWhole(value) && Math.round(value) <= Number.MAX_SAFE_INTEGER
  const fits = (scale: number) =>
    given.every(
      ({ period, phase }) => period * scale > 1 && isTick((period * scale) / 2) && isTick(phase * scale),
    )
  const ticksPerUnit = [2e3, finest].find(fits)
  if (ticksPerUnit === undefined)
    throw new GemgateError(
      'GG_USAGE',
      `the periods ${given.map(({ period }) => period).join(', ')} have no common scale`,
      'Give periods and phases in a unit in which they are multiples of a millionth, such as ns.',
    )
  const clocks = given.map(({ name, period, phase }) => {
    const half = Math.round((period * ticksPerUnit) / 2)
    return new Clock(name, half, phase === 0 ? 2 * half : Math.round(phase * ticksPerUnit))
  })
  return { clocks, ticksPerUnit }
}

const isWhole = (value: number) =>
  Math.abs(value - Math.round(value)) < 1e-6 * Math.max(1, Math.abs(value) * 1e-6)
