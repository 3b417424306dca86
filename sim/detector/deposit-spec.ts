import { GemgateError } from '../../src/core/errors.ts'
import type { Particle } from '../../src/frame/truth.ts'
import { electronEquivalent, type RecoilSpecies, recoilEnergy } from './lindhard.ts'
import type { Vector } from './track.ts'

/** What to simulate. Left out: position and direction are random, the energy see `energies`. */
export interface DepositSpec {
  readonly particle: Particle
  /** Ionisation energy, keV electron equivalent. Give this or `keVnr`. */
  readonly keVee?: number | undefined
  /** Kinetic energy of a nuclear recoil, keV; only for helium, carbon, fluorine. */
  readonly keVnr?: number | undefined
  /** Vertex in pixels (may lie outside the sensor). For a muon: a point that it passes. */
  readonly x?: number | undefined
  readonly y?: number | undefined
  /** Drift distance of the vertex, cm. */
  readonly z?: number | undefined
  /** First direction: columns, rows, away from the GEMs. Any length but zero. */
  readonly direction?: Vector | undefined
  /** Time after the start of row 0's exposure, s; frame() draws it when the rolling shutter is on. */
  readonly time?: number | undefined
}

/** Energies of an alpha in keV when none is given: 222Rn. */
export const radonAlpha = 5490

export interface Energies {
  readonly keVee: number
  readonly keVnr: number | null
}

/** True for the particles that the classifier calls nuclear recoils. */
export function isRecoil(particle: Particle): particle is RecoilSpecies {
  return particle === 'helium' || particle === 'carbon' || particle === 'fluorine'
}

/**
 * Both energies of a deposit. An electron or recoil must name one; an alpha defaults to 5.49 MeV; a muon takes none, it
 * loses what it loses on its way. Throws GG_SETTINGS.
 */
export function energies(spec: DepositSpec): Energies {
  const { particle, keVee, keVnr } = spec
  const fail = (message: string, remedy: string): never => {
    throw new GemgateError('GG_SETTINGS', `${particle}: ${message}`, remedy)
  }
  for (const energy of [keVee, keVnr])
    if (energy !== undefined && !(energy > 0 && energy <= 1e4))
      fail(`the energy ${energy} keV is out of range`, 'use more than 0 and at most 10000 keV')
  if (particle === 'muon') {
    if (keVee !== undefined || keVnr !== undefined)
      fail('its energy follows from its path', 'leave keVee and keVnr out')
    return { keVee: 0, keVnr: null }
  }
  if (isRecoil(particle)) {
    if (keVnr !== undefined && keVee === undefined)
      return { keVee: electronEquivalent(particle, keVnr), keVnr }
    if (keVee !== undefined && keVnr === undefined) return { keVee, keVnr: recoilEnergy(particle, keVee) }
    return fail('needs its energy once', 'give keVee or keVnr')
  }
  if (keVnr !== undefined) fail('is no nuclear recoil', 'give keVee')
  if (keVee !== undefined) return { keVee, keVnr: null }
  return particle === 'alpha' ? { keVee: radonAlpha, keVnr: null } : fail('needs its energy', 'give keVee')
}
