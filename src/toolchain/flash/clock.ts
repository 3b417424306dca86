import { systemClock } from '../../link/clock.ts'

/** Where waiting comes from: real time, or virtual time in tests. Milliseconds. */
export interface Clock {
  now(): number
  sleep(milliseconds: number): Promise<void>
}

export const realTime: Clock = {
  now: systemClock.now,
  sleep: (milliseconds) => new Promise((resolve) => void systemClock.after(milliseconds, resolve)),
}
