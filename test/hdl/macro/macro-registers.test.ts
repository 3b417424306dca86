import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Dut } from '../../../sim/verilog/index.ts'
import { registerMemoryVerilog } from '../../../src/board/register-memory-verilog.ts'
import { registerSchema } from '../../../src/board/register-schema.ts'
import { type RegisterName, registerAddress, registerDeclarations } from '../../../src/board/registers.ts'
import { Random } from '../../../src/core/random.ts'
import { root } from '../../support/hdl-files.ts'
import { access } from './register-access.ts'
import { simulateMacro } from './simulate-macro.ts'

const [build, capability] = [0xdeadbeef, 0x00123456]
let dut: Dut

const read = (name: RegisterName): Promise<number> => access(dut, registerAddress.get(name)!)
const write = (name: RegisterName, value: number): Promise<number> =>
  access(dut, registerAddress.get(name)!, value)

/** Sets an input for one clock. */
async function pulse(name: string): Promise<void> {
  dut.in[name] = 1
  await dut.clock()
  dut.in[name] = 0
}

/** What a register is after a reset. */
function afterReset({ name, reset }: { name: string; reset: number }): number {
  if (name === 'schema') return registerSchema
  if (name === 'build') return build
  return name === 'capability' ? capability : reset
}

beforeEach(async () => {
  dut = await simulateMacro('macro_registers', { BUILD: build, CAPABILITY: capability })
  await dut.until(() => dut.out.busy === 0, 64)
})

describe('macro_registers', () => {
  it('holds the register table of src/board/registers.ts', async () => {
    expect(readFileSync(`${root}hdl/macro/register_memory.sv`, 'utf8')).toBe(registerMemoryVerilog())
  })

  it('is after a reset as the table says, whatever was written before', async () => {
    for (const declaration of registerDeclarations)
      expect(await read(declaration.name), declaration.name).toBe(afterReset(declaration))
    const random = new Random(1)
    for (let address = 0; address < 32; address++) await access(dut, address, random.uint32())
    await pulse('rst')
    for (const declaration of registerDeclarations)
      expect(await read(declaration.name), declaration.name).toBe(afterReset(declaration))
  })

  it('keeps the bits that a register has of what was written, but not to registers that are only read', async () => {
    const random = new Random(2)
    for (let round = 0; round < 20; round++) {
      const values = registerDeclarations.map(() => random.uint32())
      for (const [i, { name }] of registerDeclarations.entries()) await write(name, values[i]!)
      for (const [i, declaration] of registerDeclarations.entries()) {
        const wanted =
          declaration.access === 'read' ? afterReset(declaration) : values[i]! % 2 ** declaration.bits
        expect(await read(declaration.name), declaration.name).toBe(wanted)
      }
    }
  })

  it('counts frames until a reset or `forget`', async () => {
    for (let frame = 1; frame <= 300; frame++) {
      await pulse('frame_done')
      if (frame % 50 === 0) expect(await read('frames')).toBe(frame)
      await dut.clock(2)
    }
    await write('width', 77)
    await pulse('frame_done')
    await pulse('forget')
    expect(await read('frames')).toBe(0)
    expect(await read('width')).toBe(77)
    await pulse('frame_done')
    expect(await read('frames')).toBe(1)
    await pulse('rst')
    expect(await read('frames')).toBe(0)
    expect(await read('width')).toBe(0)
  })

  it('gives settings to the logic one clock after the request, before the host', async () => {
    await write('threshold_low', 123456)
    await write('height', 99)
    dut.in.cfg_request = 1
    for (const name of ['threshold_low', 'height', 'binning'] as const) {
      dut.in.cfg_address = registerAddress.get(name)!
      Object.assign(dut.in, { reg_valid: 1, reg_write: 0, reg_address: registerAddress.get('schema')! })
      await dut.clock()
      const cfg_data = { threshold_low: 123456, height: 99, binning: 4 }[name]
      expect(dut).toOutput({ reg_ready: 0, cfg_data })
    }
    dut.in.cfg_request = 0
    expect(await read('schema')).toBe(registerSchema)
  })

  it('tells writes to reset and to the table of gains, and no others', async () => {
    const strobes = async (name: RegisterName, value: number): Promise<string> => {
      const names = ['strobe_reset', 'gain_rewind', 'gain_write']
      const reg_address = registerAddress.get(name)!
      Object.assign(dut.in, { reg_valid: 1, reg_write: 1, reg_address, reg_write_data: value })
      const high = names.filter((port) => dut.out[port] === 1)
      await dut.clock()
      expect(dut).toOutput({ strobe_reset: 0, gain_rewind: 0, gain_write: 0 })
      dut.in.reg_valid = 0
      await dut.clock()
      return high.join()
    }
    for (const { name } of registerDeclarations)
      if (name !== 'reset' && name !== 'table') expect(await strobes(name, 2), name).toBe('')
    expect(await strobes('reset', 1)).toBe('strobe_reset')
    expect(await strobes('table', 2)).toBe('gain_rewind')
    expect(await strobes('table_word', 5)).toBe('gain_write')
    expect(await strobes('table', 1)).toBe('gain_rewind')
    expect(await strobes('table_word', 5)).toBe('')
    await pulse('rst')
    await dut.clock(70)
    expect(await strobes('table_word', 5)).toBe('')
  })
})
