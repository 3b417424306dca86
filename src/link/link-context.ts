import type { GemgateError } from '../core/errors.ts'
import type { LinkSettings } from './options.ts'
import type { LinkFrame } from './protocol.ts'
import type { RoundTrip } from './round-trip.ts'
import type { LinkStatistics } from './statistics.ts'

/** What the parts of a session share. */
export interface LinkContext {
  readonly settings: LinkSettings
  readonly roundTrip: RoundTrip
  readonly statistics: LinkStatistics
  /** The carrier has not taken what it was given last: waiting for answers has no meaning yet. */
  readonly blocked: boolean
  /** Someone has a frame to send. */
  wake(): void
  /** An answer did not come: a damaged length may have made a receiver take what followed for its record. */
  resynchronise(): void
  /** Ends the session; everything that waits is rejected with this error. */
  fail(error: GemgateError): void
}

/** A part of a session that has frames to send. */
export interface FrameSource {
  /** The next frame; undefined when there is none now. A frame that was given counts as sent. */
  next(): LinkFrame | undefined
}

export const emptyPayload: Uint8Array = new Uint8Array(0)
