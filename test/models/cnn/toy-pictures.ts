import type { PictureData } from '../../../models/cnn/train.ts'
import { Random } from '../../../src/core/random.ts'

/** Spots (0), spots twice as wide (1) and lines across the picture (2) of random light in noise. */
export function toyPictures(count: number, size: number, seed: number): PictureData {
  const random = new Random(seed)
  const pictures = new Uint8Array(count * size * size)
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 3)
  const keVee = new Float32Array(count)
  labels.forEach((label, i) => {
    const light = 20 + 20 * random.uniform()
    keVee[i] = light
    const x0 = size / 2 + random.normal()
    const y0 = size / 2 + random.normal()
    const sigma = label === 0 ? 1 : 2
    const angle = Math.PI * random.uniform()
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const across = Math.cos(angle) * (x - x0) + Math.sin(angle) * (y - y0)
        const squared = label === 2 ? 2 * across ** 2 : (x - x0) ** 2 + (y - y0) ** 2
        const clean = ((4 * light) / sigma) * Math.exp(-squared / (2 * sigma * sigma))
        const step = Math.round(clean + 3 * random.normal())
        pictures[(i * size + y) * size + x] = Math.max(0, Math.min(255, step))
      }
  })
  return { pictures, labels, keVee }
}
