import { type ErrorContext, GemgateError } from '../../../src/core/errors.ts'
import { plainName } from './rtlil.ts'

/** Something of the design that an error can point at. */
export interface Place {
  readonly name: string
  readonly type?: string
  readonly source: string | undefined
}

/** File and line of a Yosys `src` attribute, as error context. */
export function sourceContext(source: string | undefined): ErrorContext {
  const match = /^([^|]*?):(\d+)/.exec(source ?? '')
  return match ? { file: match[1]!, line: Number(match[2]) } : {}
}

export function unsupported(what: string, remedy: string, place: Place | undefined): GemgateError {
  const where = place ? `: ${place.type ? `cell ${place.type} ` : ''}${plainName(place.name)}` : ''
  return new GemgateError('GG_VERILOG_UNSUPPORTED', `${what}${where}`, remedy, sourceContext(place?.source))
}
