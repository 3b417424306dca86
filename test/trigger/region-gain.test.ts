import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { applyGains } from '../../src/trigger/region-gain.ts'
import { cellCount } from '../../src/trigger/settings.ts'
import { randomGains } from '../support/shots.ts'

describe('applyGains', () => {
  it('multiplies by the gain of the region, rounds down and saturates at 26 bits', () => {
    const random = new Random(1)
    for (let run = 0; run < 200; run++) {
      const columns = 1 + random.integer(40)
      const rows = 1 + random.integer(20)
      const gains = randomGains(random, columns, rows)
      const before = Int32Array.from({ length: columns * rows }, () => random.integer(2 ** 26) - 2 ** 25)
      const after = before.slice()
      applyGains(after, columns, rows, gains)
      const cells = cellCount(columns, gains.columnsLog2)
      after.forEach((value, i) => {
        const [x, y] = [i % columns, Math.floor(i / columns)]
        const cell = Math.floor(y / 2 ** gains.rowsLog2) * cells + Math.floor(x / 2 ** gains.columnsLog2)
        const product = BigInt(before[i]!) * BigInt(gains.gain[cell]!)
        const floor = product >> 12n
        const limited = floor > 33554431n ? 33554431n : floor < -33554432n ? -33554432n : floor
        expect(BigInt(value)).toBe(limited)
      })
    }
  })
})
