import type { Random } from '../../src/core/random.ts'
import type { Clouds } from './clouds.ts'
import { gemGain, saturation } from './gas.ts'
import type { DetectorGeometry } from './geometry.ts'
import { photonsPerCharge, vignetting } from './optics.ts'
import type { DetectorSettings } from './settings.ts'
import { type ChargeSink, Voxels } from './voxels.ts'

/** Light on the sensor: pixel indices, ascending, and ADU, whole photons each. */
export interface LightImage {
  readonly pixels: Uint32Array
  readonly light: Float32Array
}

/** Photons of one pixel stay below this; index and photons then pack into one exact double. */
const photonLimit = 2 ** 24

/** GEM3, lens and photon statistics (domain steps 5 to 8). */
export class LightCollector {
  readonly #geometry: DetectorGeometry
  readonly #settings: DetectorSettings
  readonly #voxels: Voxels
  #packed = new Float64Array(4096)

  constructor(geometry: DetectorGeometry, settings: DetectorSettings) {
    this.#geometry = geometry
    this.#settings = settings
    this.#voxels = new Voxels(geometry)
  }

  /** @param observe is shown the charge after GEM3 that the light comes from */
  collect(clouds: Clouds, random: Random, observe?: ChargeSink): LightImage {
    const { width, height, vignettingRadius, countsPerPhoton } = this.#geometry
    const photons = photonsPerCharge(this.#geometry) * this.#settings.gainFactor
    const dimmed = this.#settings.vignetting
    const inverseSquare = 1 / vignettingRadius ** 2
    let count = 0
    const gain = gemGain(this.#settings.voltage)
    this.#voxels.collect(clouds, gain, saturation, (x0, y0, w, h, charge, ...depth) => {
      observe?.(x0, y0, w, h, charge, ...depth)
      this.#reserve(count + w * h)
      for (let j = 0; j < h; j++) {
        const dy = y0 + j + 0.5 - height / 2
        for (let i = 0; i < w; i++) {
          const q = charge[j * w + i]!
          if (q === 0) continue
          const dx = x0 + i + 0.5 - width / 2
          const v = dimmed ? vignetting(Math.sqrt((dx * dx + dy * dy) * inverseSquare)) : 1
          const n = random.poisson(q * photons * v)
          if (n > 0) this.#packed[count++] = ((y0 + j) * width + x0 + i) * photonLimit + n
        }
      }
    })
    const packed = this.#packed.subarray(0, count).sort()
    const pixels = new Uint32Array(count)
    const light = new Float32Array(count)
    for (let i = 0; i < count; i++) {
      const index = Math.floor(packed[i]! / photonLimit)
      pixels[i] = index
      light[i] = (packed[i]! - index * photonLimit) * countsPerPhoton
    }
    return { pixels, light }
  }

  #reserve(size: number): void {
    if (size <= this.#packed.length) return
    const larger = new Float64Array(Math.max(size, this.#packed.length * 2))
    larger.set(this.#packed)
    this.#packed = larger
  }
}
