import { GemgateError } from '../../core/errors.ts'

/** GG_IMAGE with the place in the file where the image stops being right. */
export function imageError(
  reason: string,
  offset?: number,
  remedy = 'Build the image again or take another copy; do not flash this file.',
): GemgateError {
  return new GemgateError('GG_IMAGE', reason, remedy, offset === undefined ? {} : { offset })
}
