import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { log2 } from '../../../src/trigger/log2.ts'
import { simulateStage } from '../../support/simulations.ts'

describe('log2.sv', () => {
  it('equals log2() for 20000 numbers of every size, and around every power of two', async () => {
    const simulation = await simulateStage('log2')
    const random = new Random(1)
    const numbers = Array.from({ length: 20000 }, () =>
      Math.floor(2 ** random.integer(53) * (1 + random.uniform())),
    )
    for (let e = 0; e < 53; e++) numbers.push(2 ** e, 2 ** e - 1, 2 ** e + 1)
    numbers.push(2 ** 53 - 1)
    for (let mantissa = 0; mantissa < 128; mantissa++) numbers.push((128 + mantissa) * 2 ** 45)
    for (const value of numbers) {
      simulation.set('value', BigInt(value))
      expect(simulation.get('result'), `${value}`).toBe(log2(value))
    }
  })
})
