import { GemgateError } from '../../src/core/errors.ts'
import type { Random } from '../../src/core/random.ts'
import type { Particle } from '../../src/frame/truth.ts'
import type { DepositSpec } from './deposit-spec.ts'

/** Distribution of energies in keVee. */
export type Spectrum =
  | { readonly kind: 'log-uniform'; readonly from: number; readonly to: number }
  | { readonly kind: 'lines'; readonly lines: readonly (readonly [keVee: number, weight: number])[] }
  /** Muons: the loss follows from the path. */
  | { readonly kind: 'path' }

export interface PopulationPart {
  /** Relative number of deposits of this part, per deposit of the population. */
  readonly weight: number
  readonly particle: Particle
  readonly spectrum: Spectrum
}

/** What falls into the detector: a rate and a mix. */
export interface Population {
  /**
   * Mean number of deposits per frame (Poisson). With the rolling shutter they fall into exposure + readout time,
   * and those that meet no open row are not in the frame.
   */
  readonly meanDeposits: number
  readonly parts: readonly PopulationPart[]
  /** Vertices keep this many pixels from the edge of the sensor. */
  readonly margin: number
}

/**
 * Shares of the recoil species at equal keVee. A chosen mix, not a neutron simulation: helium and fluorine alike,
 * less carbon.
 */
const species = [
  ['helium', 0.4],
  ['carbon', 0.2],
  ['fluorine', 0.4],
] as const

function recoils(weight: number, spectrum: Spectrum): PopulationPart[] {
  return species.map(([particle, share]) => ({ weight: weight * share, particle, spectrum }))
}

/** Radon chain in the gas: 222Rn, 218Po, 214Po. */
const radonChain: Spectrum = {
  kind: 'lines',
  lines: [
    [5490, 1],
    [6002, 1],
    [7687, 1],
  ],
}

const recoilSpectrum: Spectrum = { kind: 'log-uniform', from: 1, to: 60 }

/**
 * A LIME frame underground (0.2 to 1.3 deposits per frame by shield), enriched in nuclear recoils, which are rare in
 * nature.
 */
export const defaultPopulation: Population = {
  meanDeposits: 1.2,
  margin: 0,
  parts: [
    { weight: 0.55, particle: 'electron', spectrum: recoilSpectrum },
    ...recoils(0.25, recoilSpectrum),
    { weight: 0.1, particle: 'alpha', spectrum: radonChain },
    { weight: 0.1, particle: 'muon', spectrum: { kind: 'path' } },
  ],
}

/**
 * The same without muons: at LNGS one crosses a square metre per hour, one in some 50 000 frames of LIME. The rates there
 * are 0.7 Hz in full shield and 35 Hz without, 0.3 and 17 deposits in the 484 ms of a frame.
 */
export const undergroundPopulation: Population = {
  ...defaultPopulation,
  parts: defaultPopulation.parts.filter(({ particle }) => particle !== 'muon'),
}

/**
 * Nuclear and electron recoils in equal numbers with the same keVee spectrum (log-uniform), so that no classifier can
 * win by energy alone: the trap of the SOSC training set.
 */
export function matchedPopulation(
  options: {
    readonly from?: number
    readonly to?: number
    readonly meanDeposits?: number
    readonly margin?: number
  } = {},
): Population {
  const spectrum: Spectrum = { kind: 'log-uniform', from: options.from ?? 0.5, to: options.to ?? 60 }
  return {
    meanDeposits: options.meanDeposits ?? 1.2,
    margin: options.margin ?? 0,
    parts: [{ weight: 0.5, particle: 'electron', spectrum }, ...recoils(0.5, spectrum)],
  }
}

/** Draws the deposits of one frame. */
export function drawDeposits(population: Population, random: Random): DepositSpec[] {
  const count = random.poisson(population.meanDeposits)
  return Array.from({ length: count }, () => drawDeposit(population, random))
}

/** Draws one deposit; its position is left to the detector. */
export function drawDeposit(population: Population, random: Random): DepositSpec {
  const part = pick(
    population.parts.map((p) => [p, p.weight] as const),
    random,
  )
  const { particle, spectrum } = part
  if (spectrum.kind === 'path') return { particle }
  if (spectrum.kind === 'lines') return { particle, keVee: pick(spectrum.lines, random) }
  return { particle, keVee: spectrum.from * (spectrum.to / spectrum.from) ** random.uniform() }
}

/** Throws GG_SETTINGS unless deposits can be drawn from the population. */
export function checkPopulation(population: Population): void {
  const problem = populationProblem(population)
  if (problem === undefined) return
  throw new GemgateError('GG_SETTINGS', `population: ${problem}`, 'see Population in sim/detector')
}

function populationProblem(population: Population): string | undefined {
  const { meanDeposits, parts, margin } = population
  if (!(meanDeposits >= 0 && meanDeposits <= 10000)) return `meanDeposits is ${meanDeposits}`
  if (!(margin >= 0)) return `margin is ${margin}`
  if (parts.some((p) => !(p.weight >= 0)) || !parts.some((p) => p.weight > 0))
    return 'the weights do not add up'
  for (const { particle, spectrum } of parts) {
    if ((spectrum.kind === 'path') !== (particle === 'muon'))
      return `${particle} with a ${spectrum.kind} spectrum`
    if (spectrum.kind === 'log-uniform' && !(spectrum.from > 0 && spectrum.to >= spectrum.from))
      return `log-uniform from ${spectrum.from} to ${spectrum.to}`
    if (spectrum.kind === 'lines' && spectrum.lines.length === 0) return 'no lines'
  }
  return undefined
}

function pick<T>(choices: readonly (readonly [T, number])[], random: Random): T {
  let rest = random.uniform() * choices.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [choice, weight] of choices) {
    rest -= weight
    if (rest < 0) return choice
  }
  return choices[choices.length - 1]![0]
}
