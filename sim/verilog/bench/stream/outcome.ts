import { GemgateError } from '../../../../src/core/errors.ts'
import type { SidePlan, StreamPlan } from './plan.ts'

/** How far a stream has come: what both ways of running it keep. */
export interface Progress {
  cycles: number
  readonly sent: number[]
  readonly received: number[]
}

/** What a side said to hold, and what it has instead. */
export interface Broken {
  readonly sink: number
  /** False if the offer was withdrawn. */
  readonly valid: boolean
  readonly held: readonly number[]
  readonly found: readonly number[]
}

export function brokenRule(plan: StreamPlan, progress: Progress, broken: Broken): GemgateError {
  const side = plan.sinks[broken.sink]!
  const item = progress.received[broken.sink]!
  const what = broken.valid
    ? `changed from ${values(side, broken.held)} to ${values(side, broken.found)}`
    : `was withdrawn (${side.valid.name} fell)`
  return new GemgateError(
    'GG_BUS',
    `${side.name}: item ${item} ${what} in cycle ${progress.cycles} before it was taken`,
    'Keep valid and data as they are until ready.',
  )
}

export function stuckError(plan: StreamPlan, progress: Progress, cause: 'patience' | 'limit'): GemgateError {
  const { sources, sinks, until, patience, limit } = plan
  const state = [
    ...sources.map(({ name, count }, i) => `${name} sent ${progress.sent[i]} of ${count}`),
    ...sinks.map(
      ({ name, wanted }, i) => `${name} gave ${progress.received[i]}${wanted > 0 ? ` of ${wanted}` : ''}`,
    ),
    ...(until ? [`waiting for ${until.name}`] : []),
  ]
  const why = cause === 'limit' ? `not done after ${limit} cycles` : `no transfer for ${patience} cycles`
  return new GemgateError(
    'GG_SIM_TIMEOUT',
    `the stream is stuck: ${why} (cycle ${progress.cycles}); ${state.join(', ')}`,
    cause === 'limit'
      ? 'Give a higher `limit`.'
      : 'Look for who holds ready or valid low, or give a higher `patience`.',
  )
}

function values(side: SidePlan, words: readonly number[]): string {
  let at = 0
  const parts = side.data.map(({ name, width }) => {
    let value = 0n
    const length = Math.ceil(width / 32)
    for (let i = length - 1; i >= 0; i--) value = (value << 32n) | BigInt(words[at + i]! >>> 0)
    at += length
    return `${name}=${value}`
  })
  return parts.join(' ')
}
