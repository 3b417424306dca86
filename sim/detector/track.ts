import type { Random } from '../../src/core/random.ts'
import { electronEquivalent, type RecoilSpecies } from './lindhard.ts'
import { electronEnergyAt, electronRange, heliumEnergyAt, recoilRange, type TrackRange } from './range.ts'

/** A vector or position, mm: x along a row, y down the rows, z from the first GEM to the cathode. */
export type Vector = readonly [x: number, y: number, z: number]

/** A piece of a track, short against the diffusion: position in mm, ionisation in keVee. */
export interface Segment {
  readonly x: number
  readonly y: number
  readonly z: number
  readonly energy: number
}

/**
 * Scattering of a slowing electron: mean square angle = scattering * ds / (path left). The form follows from
 * theta^2 ~ ds/T^2 and path ~ T^1.75; the value makes the 3D range 0.7 of the path, the ratio of the published
 * ranges to the electrons' stopping distances (10 to 100 keV).
 */
const electronScattering = 2.2

/** Nuclei are heavy: a helium recoil ends within a few tenths of its range beside its first direction. */
const recoilScattering = 0.25

/** An alpha of MeV is straight but for its last millimetre. */
const alphaScattering = 0.01

/**
 * An electron recoil: a random walk that curls more and ionises more towards its end. The walk is scaled so that its
 * farthest point lies at a 3D range drawn from the published mean and spread (arXiv 2007.12508).
 */
export function electronTrack(keV: number, start: Vector, direction: Vector, random: Random): Segment[] {
  const range = electronRange(keV)
  return track({
    start,
    direction,
    range,
    scattering: electronScattering,
    steps: stepCount(range.mean / 0.7, 0.1, 400),
    ionisationLeft: (left) => electronEnergyAt(left * range.mean),
    total: keV,
    random,
  })
}

/** A nuclear recoil of kinetic energy `keVnr`: short, nearly straight, ionising less and less as it slows. */
export function recoilTrack(
  species: RecoilSpecies,
  keVnr: number,
  start: Vector,
  direction: Vector,
  random: Random,
): Segment[] {
  const range = recoilRange(species, keVnr)
  const helium = recoilRange('helium', keVnr)
  return track({
    start,
    direction,
    range,
    scattering: recoilScattering,
    steps: stepCount(range.mean, 0.05, 60),
    ionisationLeft: (left) => electronEquivalent(species, heliumEnergyAt(left * helium.mean)),
    total: electronEquivalent(species, keVnr),
    random,
  })
}

/** An alpha particle, all of whose energy is taken to ionise: straight, with the Bragg peak before its end. */
export function alphaTrack(keV: number, start: Vector, direction: Vector, random: Random): Segment[] {
  const range = recoilRange('helium', keV)
  return track({
    start,
    direction,
    range,
    scattering: alphaScattering,
    steps: stepCount(range.mean, 0.15, 800),
    ionisationLeft: (left) => heliumEnergyAt(left * range.mean),
    total: keV,
    random,
  })
}

/** Farthest distance of a track from its start, mm: what the range table calls 3D range. */
export function trackExtent(segments: readonly Segment[], start: Vector): number {
  let extent = 0
  for (const s of segments)
    extent = Math.max(extent, Math.hypot(s.x - start[0], s.y - start[1], s.z - start[2]))
  return extent
}

/** A unit vector of any direction with equal probability. */
export function isotropic(random: Random): Vector {
  const z = 2 * random.uniform() - 1
  const phi = 2 * Math.PI * random.uniform()
  const r = Math.sqrt(1 - z * z)
  return [r * Math.cos(phi), r * Math.sin(phi), z]
}

interface TrackPlan {
  readonly start: Vector
  readonly direction: Vector
  readonly range: TrackRange
  readonly scattering: number
  readonly steps: number
  /** Ionisation still to come, keVee, when the fraction `left` (0..1) of the path is left. */
  readonly ionisationLeft: (left: number) => number
  readonly total: number
  readonly random: Random
}

function track(plan: TrackPlan): Segment[] {
  const { start, steps, random } = plan
  const points = walk(plan.direction, steps, plan.scattering, random)
  let extent = 0
  for (const p of points) extent = Math.max(extent, Math.hypot(p[0], p[1], p[2]))
  const scale = drawRange(plan.range, random) / extent
  const segments: Segment[] = []
  let before = plan.total
  for (let i = 0; i < steps; i++) {
    const after = i === steps - 1 ? 0 : plan.ionisationLeft(1 - (i + 1) / steps)
    // The last point closes the track, so that the deposit really reaches the drawn range.
    const p = points[i]!
    segments.push({
      x: start[0] + scale * p[0],
      y: start[1] + scale * p[1],
      z: start[2] + scale * p[2],
      energy: Math.max(0, before - after),
    })
    before = after
  }
  return segments
}

/** End points of `steps` unit steps that scatter ever more as the path runs out. */
function walk(direction: Vector, steps: number, scattering: number, random: Random): Vector[] {
  const points: Vector[] = []
  let [x, y, z] = [0, 0, 0]
  let d = direction
  for (let i = 0; i < steps; i++) {
    x += d[0]
    y += d[1]
    z += d[2]
    points.push([x, y, z])
    d = scatter(d, scattering / (steps - i), random)
  }
  return points
}

/** `direction` turned by a random angle of mean square `variance`; beyond a radian nothing of it is left. */
function scatter(direction: Vector, variance: number, random: Random): Vector {
  if (variance > 1) return isotropic(random)
  const spread = Math.sqrt(variance / 2)
  const a = spread * random.normal()
  const b = spread * random.normal()
  const [x, y, z] = direction
  // Any vector that is not parallel gives the plane across the direction.
  const helper: Vector = Math.abs(z) < 0.9 ? [0, 0, 1] : [1, 0, 0]
  const u = unit(cross(direction, helper))
  const v = cross(direction, u)
  return unit([x + a * u[0] + b * v[0], y + a * u[1] + b * v[1], z + a * u[2] + b * v[2]])
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/** The vector scaled to length 1. */
export function unit(a: Vector): Vector {
  const length = Math.hypot(a[0], a[1], a[2])
  return [a[0] / length, a[1] / length, a[2] / length]
}

/** A normal deviate, redrawn beyond 2.2 spreads: the table's spreads, 20 to 40 %, must not give negative ranges. */
function drawRange(range: TrackRange, random: Random): number {
  for (;;) {
    const g = random.normal()
    if (Math.abs(g) < 2.2) return range.mean + range.spread * g
  }
}

function stepCount(path: number, step: number, most: number): number {
  return Math.min(most, Math.max(8, Math.ceil(path / step)))
}
