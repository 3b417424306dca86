import { voxelDepth } from './gas.ts'
import type { ChargeSink } from './voxels.ts'

/** Charge that left GEM3 within a block of pixels, by depth. */
export interface ChargeColumn {
  /** Centre of its charge, mm. */
  readonly x: number
  readonly y: number
  /** Depth of the first slice of 0.1 mm; negative for charge that diffused ahead. */
  readonly slice: number
  /** Electrons per slice. */
  readonly electrons: Float64Array
}

/** Keeps the charge after GEM3 of one deposit by depth: what the photomultipliers see one slice after the other. */
export class ChargeHistory {
  readonly #pixelPitch: number
  readonly #columns: ChargeColumn[] = []

  /** @param pixelPitch width of a pixel in the plane of the GEMs, mm */
  constructor(pixelPitch: number) {
    this.#pixelPitch = pixelPitch
  }

  get columns(): readonly ChargeColumn[] {
    return this.#columns
  }

  clear(): void {
    this.#columns.length = 0
  }

  /** The observer for `Detector.deposit`. */
  readonly observe: ChargeSink = (x, y, width, height, charge, slice, slices) => {
    let sum = 0
    let sumX = 0
    let sumY = 0
    for (let j = 0, at = 0; j < height; j++) {
      for (let i = 0; i < width; i++, at++) {
        const q = charge[at]!
        sum += q
        sumX += q * i
        sumY += q * j
      }
    }
    if (sum === 0) return
    this.#columns.push({
      x: (x + sumX / sum + 0.5) * this.#pixelPitch,
      y: (y + sumY / sum + 0.5) * this.#pixelPitch,
      slice,
      electrons: slices.slice(),
    })
  }

  /** Electrons, and mean and rms of their depth in mm (NaN without charge). */
  moments(): { readonly electrons: number; readonly mean: number; readonly rms: number } {
    let sum = 0
    let first = 0
    let second = 0
    for (const { slice, electrons } of this.#columns) {
      electrons.forEach((q, k) => {
        const z = (slice + k + 0.5) * voxelDepth
        sum += q
        first += q * z
        second += q * z * z
      })
    }
    const mean = first / sum
    return { electrons: sum, mean, rms: Math.sqrt(Math.max(0, second / sum - mean * mean)) }
  }
}
