import { beforeAll, describe, expect, it } from 'vitest'
import { type Dut, simulate } from '../../../../../sim/verilog/index.ts'

const start = () => simulate('counter.sv', { top: 'counter' })

describe('counter', () => {
  let shared: Dut
  beforeAll(async () => {
    shared = await start()
  })

  it('fails with a plain expectation', async () => {
    const dut = await start()
    dut.in['enable'] = 1
    await dut.clock(12)
    expect(dut.out['decimal']).toBe(0x13)
  })

  it('fails with a matcher', async () => {
    shared.in['enable'] = 1
    await shared.clock(20)
    expect(shared).toOutput({ decimal: 0x42, full: false })
  })

  it('passes', async () => {
    shared.reset()
    shared.in['enable'] = 1
    await expect(shared).toReach({ full: true })
    expect(shared).toHaveRegister('low.value', 9)
    expect(shared).not.toOutput({ decimal: 0 })
  })

  it('never gets there', async () => {
    const dut = await start()
    await expect(dut).toReach({ full: 1 }, { within: 30 })
  })

  it('breaks an assertion', async () => {
    const dut = await simulate('adder.sv')
    dut.in['by'] = 3
    await dut.clock(1000)
  })

  it('streams something else', async () => {
    const dut = await simulate('adder.sv')
    const items = [5, 6, 7, 8, 9]
    expect(dut.stream({ source: 's', items, sink: 'm', count: 5 })).toGive([6, 7, 9, 9, 10])
  })

  it('has no design', () => {
    expect(1).toBe(2)
  })
})
