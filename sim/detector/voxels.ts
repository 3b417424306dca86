import { type Clouds, cloudFields } from './clouds.ts'
import { voxelDepth } from './gas.ts'

/** Clouds are cut at an ellipsoid of this many sigma and renormalised: a box would hold twice the voxels. */
const reach = 3.3

/** What the ellipsoid keeps of a Gaussian: erf(reach / sqrt 2) - sqrt(2 / pi) reach exp(-reach^2 / 2). */
const kept = 0.987664

/** Longest side in voxels of a brick: 64^3 floats are 1 MB and stay in the cache. */
const brickSide = 64

/** Side of the bricks along a track that is longer than one brick: small ones hold less emptiness beside it. */
const trackBrickSide = 32

/** The sensor as the voxels see it: pixels and their pitch in mm. */
export interface Grid {
  readonly width: number
  readonly height: number
  readonly pixelPitch: number
}

/**
 * Takes the charge of a block of pixels after GEM3: `charge[j * width + i]` belongs to pixel (x + i, y + j), and
 * `slices[k]` of the same charge to the voxels at depth `slice + k`. Both arrays are only lent.
 */
export type ChargeSink = (
  x: number,
  y: number,
  width: number,
  height: number,
  charge: Float64Array,
  slice: number,
  slices: Float64Array,
) => void

/** Bricks along one axis: first voxel, length of each, number. */
interface Axis {
  readonly origin: number
  readonly side: number
  readonly count: number
}

/**
 * GEM3 with space-charge saturation: the clouds fill voxels of one pixel x one pixel x 0.1 mm, a voxel with h electrons
 * gives `gain h / (1 + saturation gain h)`, and the sum along z goes to `sink`. Space is cut into bricks worked on one
 * at a time: a 30 cm muon needs no more memory than a spot.
 */
export class Voxels {
  readonly #grid: Grid
  readonly #brick = new Float32Array(brickSide ** 3)
  readonly #charge = new Float64Array(brickSide ** 2)
  /** Charge of the column at hand by depth. */
  #slices = new Float64Array(brickSide)
  readonly #kernels = [0, 1, 2].map(() => new Float64Array(brickSide))
  /** First and last (exclusive) voxel per cloud and axis. */
  #spans = new Int32Array(0)

  constructor(grid: Grid) {
    this.#grid = grid
  }

  collect(clouds: Clouds, gain: number, saturation: number, sink: ChargeSink): void {
    const axes = this.#place(clouds)
    if (axes === undefined) return
    const [ax, ay, az] = axes
    const depth = az.count * az.side
    if (this.#slices.length < depth) this.#slices = new Float64Array(depth)
    const slices = this.#slices.subarray(0, depth)
    const members = assign(this.#spans, clouds.count, axes)
    const keys = [...members.keys()].sort((a, b) => a - b)
    for (let k = 0; k < keys.length; ) {
      const column = Math.floor(keys[k]! / az.count)
      const x = ax.origin + (column % ax.count) * ax.side
      const y = ay.origin + Math.floor(column / ax.count) * ay.side
      const width = Math.min(ax.side, this.#grid.width - x)
      const height = Math.min(ay.side, this.#grid.height - y)
      this.#charge.fill(0, 0, width * height)
      slices.fill(0)
      for (; k < keys.length && Math.floor(keys[k]! / az.count) === column; k++) {
        const from = (keys[k]! % az.count) * az.side
        const z = az.origin + from
        for (const c of members.get(keys[k]!)!) this.#add(clouds.data, c, x, y, z, width, height, az.side)
        this.#saturate(width * height, slices.subarray(from, from + az.side), gain, saturation * gain)
      }
      sink(x, y, width, height, this.#charge, az.origin, slices)
    }
  }

  /** Finds the voxels that each cloud reaches and the bricks that hold all on the sensor; undefined when none is. */
  #place(clouds: Clouds): readonly [Axis, Axis, Axis] | undefined {
    const { width, height, pixelPitch } = this.#grid
    if (this.#spans.length < 6 * clouds.count) this.#spans = new Int32Array(12 * clouds.count)
    const spans = this.#spans
    const low = [width, height, 2 ** 30]
    const high = [0, 0, -(2 ** 30)]
    for (let c = 0; c < clouds.count; c++) {
      for (let axis = 0; axis < 3; axis++) {
        const pitch = axis < 2 ? pixelPitch : voxelDepth
        const centre = clouds.data[c * cloudFields + axis]!
        const radius = reach * clouds.data[c * cloudFields + (axis < 2 ? 3 : 4)]!
        const from = Math.floor((centre - radius) / pitch)
        const to = Math.floor((centre + radius) / pitch) + 1
        spans[6 * c + 2 * axis] = from
        spans[6 * c + 2 * axis + 1] = to
        if (from < low[axis]!) low[axis] = from
        if (to > high[axis]!) high[axis] = to
      }
    }
    const x = divide(Math.max(0, low[0]!), Math.min(width, high[0]!))
    const y = divide(Math.max(0, low[1]!), Math.min(height, high[1]!))
    const z = divide(low[2]!, high[2]!)
    return x && y && z ? [x, y, z] : undefined
  }

  /** Adds the part of cloud `c` that lies in the brick at (x, y, z). */
  #add(
    data: Float64Array,
    c: number,
    x: number,
    y: number,
    z: number,
    width: number,
    height: number,
    depth: number,
  ): void {
    const spans = this.#spans
    const x0 = Math.max(0, spans[6 * c]! - x)
    const x1 = Math.min(width, spans[6 * c + 1]! - x)
    const y0 = Math.max(0, spans[6 * c + 2]! - y)
    const y1 = Math.min(height, spans[6 * c + 3]! - y)
    const z0 = Math.max(0, spans[6 * c + 4]! - z)
    const z1 = Math.min(depth, spans[6 * c + 5]! - z)
    if (x0 >= x1 || y0 >= y1 || z0 >= z1) return
    const at = c * cloudFields
    const { pixelPitch } = this.#grid
    // Voxel i is centred on i + 1/2, so centres are counted in units where voxel i lies at i.
    const cx = data[at]! / pixelPitch - x - 0.5
    const cy = data[at + 1]! / pixelPitch - y - 0.5
    const cz = data[at + 2]! / voxelDepth - z - 0.5
    const transverse = data[at + 3]! / pixelPitch
    const longitudinal = data[at + 4]! / voxelDepth
    const [kx, ky, kz] = this.#kernels as [Float64Array, Float64Array, Float64Array]
    fillGaussian(kx, x0, x1, cx, transverse)
    fillGaussian(ky, y0, y1, cy, transverse)
    fillGaussian(kz, z0, z1, cz, longitudinal)
    const brick = this.#brick
    const electrons = data[at + 5]! / kept
    for (let k = z0; k < z1; k++) {
      const wz = electrons * kz[k]!
      const dz = (k - cz) / longitudinal
      const leftOfZ = reach * reach - dz * dz
      for (let j = y0; j < y1; j++) {
        const dy = (j - cy) / transverse
        const left = leftOfZ - dy * dy
        if (left <= 0) continue
        const half = Math.sqrt(left) * transverse
        const wy = wz * ky[j]!
        const from = Math.max(x0, Math.ceil(cx - half))
        const to = Math.min(x1, Math.ceil(cx + half))
        const row = (k * height + j) * width
        for (let i = from; i < to; i++) brick[row + i]! += wy * kx[i]!
      }
    }
  }

  /** Sums the saturated charge of the brick along z and, in `slices`, across it; leaves the brick empty. */
  #saturate(plane: number, slices: Float64Array, gain: number, strength: number): void {
    const brick = this.#brick
    const charge = this.#charge
    for (let k = 0, at = 0; k < slices.length; k++) {
      let sum = 0
      for (let p = 0; p < plane; p++, at++) {
        const h = brick[at]!
        if (h === 0) continue
        const q = (gain * h) / (1 + strength * h)
        charge[p]! += q
        sum += q
        brick[at] = 0
      }
      slices[k] = sum
    }
  }
}

/** Normal density at the whole numbers `from` to `to`: two exponentials, then products. */
function fillGaussian(out: Float64Array, from: number, to: number, centre: number, sigma: number): void {
  const s2 = sigma * sigma
  const d = from - centre
  let value = Math.exp((-d * d) / (2 * s2)) / (sigma * Math.sqrt(2 * Math.PI))
  let ratio = Math.exp(-(2 * d + 1) / (2 * s2))
  const step = Math.exp(-1 / s2)
  for (let i = from; i < to; i++) {
    out[i] = value
    value *= ratio
    ratio *= step
  }
}

function divide(low: number, high: number): Axis | undefined {
  const length = high - low
  if (length <= 0) return undefined
  const count = length <= brickSide ? 1 : Math.ceil(length / trackBrickSide)
  return { origin: low, side: Math.ceil(length / count), count }
}

/** Brick number -> clouds that touch it; numbers order bricks by y, then x, then z. */
function assign(spans: Int32Array, count: number, axes: readonly [Axis, Axis, Axis]): Map<number, number[]> {
  const [ax, ay, az] = axes
  const members = new Map<number, number[]>()
  for (let c = 0; c < count; c++) {
    const [x0, x1] = touched(spans, 6 * c, ax)
    const [y0, y1] = touched(spans, 6 * c + 2, ay)
    const [z0, z1] = touched(spans, 6 * c + 4, az)
    for (let y = y0; y <= y1; y++) {
      for (let x = x0; x <= x1; x++) {
        for (let z = z0; z <= z1; z++) {
          const key = (y * ax.count + x) * az.count + z
          const list = members.get(key)
          if (list === undefined) members.set(key, [c])
          else list.push(c)
        }
      }
    }
  }
  return members
}

/** First and last brick along an axis that a span touches; last < first when it lies outside. */
function touched(spans: Int32Array, at: number, axis: Axis): [number, number] {
  const first = Math.floor((spans[at]! - axis.origin) / axis.side)
  const last = Math.floor((spans[at + 1]! - 1 - axis.origin) / axis.side)
  return [Math.max(0, first), Math.min(axis.count - 1, last)]
}
