import { GemgateError } from '../../../src/core/errors.ts'
import type { Simulation } from '../simulation.ts'

export function unknownClock(simulation: Simulation, name: string, known?: readonly string[]): GemgateError {
  const inputs = [...simulation.ports.values()]
    .filter(({ direction, width }) => direction === 'input' && width === 1)
    .map((port) => port.name)
  return new GemgateError(
    'GG_PORT',
    `${simulation.design.top} has no clock ${name}`,
    known ? `Its clocks are ${known.join(', ')}.` : `One of its inputs: ${inputs.join(', ') || 'none'}.`,
  )
}

export function notCycles(cycles: number): GemgateError {
  return new GemgateError('GG_USAGE', `${cycles} is no number of cycles`, 'Give a whole number, 0 or more.')
}

export const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0

export function timeoutError(what: string, cycles: number, clock: string): GemgateError {
  return new GemgateError(
    'GG_SIM_TIMEOUT',
    `waited ${cycles} cycles of ${clock} for ${what}`,
    'Look at the waveform for what holds it up, or give a higher `limit`.',
  )
}

export function finishedError(simulation: Simulation, what: string): GemgateError {
  return new GemgateError(
    'GG_FINISHED',
    `${simulation.design.top} has ended the simulation with $finish after ${simulation.cycle} cycles; ${what} cannot come`,
    'Look at `finished` before clocking on, or call reset().',
  )
}

export function closedError(what: string): GemgateError {
  return new GemgateError(
    'GG_CLOSED',
    `the simulation was closed while waiting for ${what}`,
    'Close it last.',
  )
}
