import { GemgateError } from '../../../src/core/errors.ts'
import type { Simulation } from '../simulation.ts'

/** How to reset a design; by default every input with a usual reset name, by the polarity that the name tells. */
export interface ResetOptions {
  /** The reset input or inputs. */
  readonly port?: string | readonly string[]
  /** The level that resets: 0 for names like `rst_n`, `aresetn`, `nreset`, else 1. */
  readonly active?: 0 | 1
  /** Clock cycles in reset, default 2. */
  readonly cycles?: number
  readonly clock?: string
}

const resetName = /^(?:.*_)?n?[as]{0,2}(?:rst|reset)(?:_?n)?(?:_?i)?$/i
const activeLow = /^(?:(?:.*_)?n[as]{0,2}(?:rst|reset)(?:_?i)?|.*(?:rst|reset)_?n(?:_?i)?)$/i

export const isResetName = (name: string): boolean => resetName.test(name)

export interface ResetInput {
  readonly name: string
  readonly active: 0 | 1
}

/**
 * The reset inputs of a design.
 * @throws GemgateError GG_PORT if there is none
 */
export function resetInputs(simulation: Simulation, options: ResetOptions): ResetInput[] {
  const { port, active } = options
  const inputs = [...simulation.ports.values()].filter((p) => p.direction === 'input')
  const names =
    port === undefined
      ? inputs.filter(({ name, width }) => width === 1 && isResetName(name)).map(({ name }) => name)
      : typeof port === 'string'
        ? [port]
        : port
  if (names.length === 0)
    throw new GemgateError(
      'GG_PORT',
      `${simulation.design.top} has no input that is named like a reset`,
      `Give \`port\`: one of ${inputs.map(({ name }) => name).join(', ') || 'none'}.`,
    )
  return names.map((name) => ({ name, active: active ?? (activeLow.test(name) ? 0 : 1) }))
}
