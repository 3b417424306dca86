import type { Random } from '../../src/core/random.ts'
import { electronTrack, isotropic, type Segment, type Vector } from './track.ts'

/** The drift volume that the camera sees, mm. */
export interface Volume {
  readonly width: number
  readonly height: number
  readonly depth: number
}

/** Energy of one collision: 1/E^2 (Rutherford) between these, keV; above, the muon is not minimum ionising. */
const softest = 0.016
const hardest = 10

/** Collisions per mm; with the mean collision of 0.103 keV this gives 2.4 keV/cm (2.3 Garfield, 2.5 measured). */
const collisionRate = 0.24 / ((softest * Math.log(hardest / softest)) / (1 - softest / hardest))

/** Knock-on electrons from this energy (keV) on have a visible range and become tracks of their own. */
const deltaRay = 3

/** Where a straight line enters and leaves the volume, as distances along it; undefined when it misses. */
export function crossing(volume: Volume, point: Vector, direction: Vector): [number, number] | undefined {
  let enter = Number.NEGATIVE_INFINITY
  let leave = Number.POSITIVE_INFINITY
  const sides = [volume.width, volume.height, volume.depth]
  for (let axis = 0; axis < 3; axis++) {
    const p = point[axis]!
    const d = direction[axis]!
    if (Math.abs(d) < 1e-12) {
      if (p < 0 || p > sides[axis]!) return undefined
      continue
    }
    const a = -p / d
    const b = (sides[axis]! - p) / d
    enter = Math.max(enter, Math.min(a, b))
    leave = Math.min(leave, Math.max(a, b))
  }
  return enter < leave ? [enter, leave] : undefined
}

/** A direction of cosmic rays, cos^2 of the angle to the vertical, which is the y axis of the picture. */
export function cosmicDirection(random: Random): Vector {
  for (;;) {
    const d = isotropic(random)
    if (random.uniform() < d[1] * d[1]) return d[1] < 0 ? [-d[0], -d[1], -d[2]] : d
  }
}

/**
 * A minimum ionising particle straight through the volume by `point`. The loss in each collision is drawn, so the
 * sum has a Landau tail; hard collisions start delta rays. The first segment is where it enters.
 */
export function muonTrack(volume: Volume, point: Vector, direction: Vector, random: Random): Segment[] {
  const ends = crossing(volume, point, direction)
  if (ends === undefined) return []
  const segments: Segment[] = []
  const at = (s: number): Vector => [
    point[0] + s * direction[0],
    point[1] + s * direction[1],
    point[2] + s * direction[2],
  ]
  const [x, y, z] = at(ends[0])
  segments.push({ x, y, z, energy: 0 })
  for (let s = ends[0]; ; ) {
    s += random.exponential() / collisionRate
    if (s >= ends[1]) return segments
    const energy = softest / (1 - random.uniform() * (1 - softest / hardest))
    const place = at(s)
    if (energy < deltaRay) segments.push({ x: place[0], y: place[1], z: place[2], energy })
    else segments.push(...electronTrack(energy, place, isotropic(random), random))
  }
}
