import type { RecoilSpecies } from './lindhard.ts'

/** Rows of kinetic energy (keV), mean 3D range (mm) and its spread (mm); log-log between and beyond rows. */
type RangeTable = readonly (readonly [energy: number, range: number, spread: number])[]

/** Distance from the start to the farthest point of a track, mm. */
export interface TrackRange {
  readonly mean: number
  readonly spread: number
}

/** Geant4 electrons in He:CF4 60/40 at 1 atm (arXiv 2007.12508, range figure). */
const electrons: RangeTable = [
  [1, 0.0228, 0.0066],
  [3, 0.1553, 0.0498],
  [6, 0.5318, 0.16],
  [10, 1.3266, 0.3737],
  [30, 8.9559, 2.3133],
  [60, 31.1953, 7.3014],
  [100, 74.7009, 17.177],
]

/**
 * Helium: SRIM up to 100 keV from the same figure; above, for alphas, SRIM-2013 stopping in He and CF4 added by
 * mass (Bragg's rule, 6.4 % He) at 1.526 mg/cm3, so a 5.5 MeV alpha ends after 3.6 cm and one of 7.7 MeV after 6 cm.
 */
const helium: RangeTable = [
  [1, 0.022, 0.0089],
  [3, 0.0615, 0.0211],
  [6, 0.1137, 0.0362],
  [10, 0.1805, 0.0489],
  [30, 0.444, 0.0877],
  [60, 0.7384, 0.1153],
  [100, 1.0526, 0.132],
  [200, 1.77, 0.16],
  [500, 3.31, 0.21],
  [1000, 5.46, 0.28],
  [2000, 10.2, 0.42],
  [3000, 16.06, 0.61],
  [5500, 36.24, 1.36],
  [7690, 60.3, 2.2],
  [10000, 91.7, 3.3],
]

export function electronRange(keV: number): TrackRange {
  return lookUp(electrons, keV)
}

/**
 * Range of a recoil or an alpha. Carbon and fluorine scale the helium table by the ratio of the group's TRIM layer
 * widths (57 E^0.72 for He, 18.2 E^0.80 for C, 13.2 E^0.81 um for F), with the same relative spread.
 */
export function recoilRange(species: RecoilSpecies, keVnr: number): TrackRange {
  const table = lookUp(helium, keVnr)
  const scale = layerRatio(species, keVnr)
  return { mean: table.mean * scale, spread: table.spread * scale }
}

/** Kinetic energy left to an electron whose remaining mean range is `range` mm. */
export function electronEnergyAt(range: number): number {
  return invert(electrons, range)
}

/** Kinetic energy left to a helium nucleus whose remaining mean range is `range` mm. */
export function heliumEnergyAt(range: number): number {
  return invert(helium, range)
}

function layerRatio(species: RecoilSpecies, keVnr: number): number {
  if (species === 'carbon') return (18.2 * keVnr ** 0.8) / (57 * keVnr ** 0.72)
  if (species === 'fluorine') return (13.2 * keVnr ** 0.81) / (57 * keVnr ** 0.72)
  return 1
}

function lookUp(table: RangeTable, energy: number): TrackRange {
  if (energy <= 0) return { mean: 0, spread: 0 }
  const i = rowBelow(table, 0, energy)
  const a = table[i]!
  const b = table[i + 1]!
  const t = Math.log(energy / a[0]) / Math.log(b[0] / a[0])
  return { mean: a[1] * (b[1] / a[1]) ** t, spread: a[2] * (b[2] / a[2]) ** t }
}

function invert(table: RangeTable, range: number): number {
  if (range <= 0) return 0
  const i = rowBelow(table, 1, range)
  const a = table[i]!
  const b = table[i + 1]!
  return a[0] * (b[0] / a[0]) ** (Math.log(range / a[1]) / Math.log(b[1] / a[1]))
}

/** The row that starts the interval holding `value`; the first or last interval when it lies outside. */
function rowBelow(table: RangeTable, column: 0 | 1, value: number): number {
  let i = 0
  while (i < table.length - 2 && table[i + 1]![column] < value) i++
  return i
}
