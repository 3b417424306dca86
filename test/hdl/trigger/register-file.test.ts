import { describe, expect, it } from 'vitest'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'
import { registerSchema } from '../../../src/board/register-schema.ts'
import { registerAddress, registerDeclarations } from '../../../src/board/registers.ts'
import { Random } from '../../../src/core/random.ts'

const writable = registerDeclarations.filter(({ access }) => access !== 'read')
const strobes = registerDeclarations.filter(({ access }) => access === 'strobe')
const mask = (bits: number): number => 2 ** bits - 1

async function registerFile(): Promise<Dut> {
  const dut = await simulate('hdl/trigger/register_file.sv')
  await dut.applyReset()
  return dut
}

async function read(dut: Dut, address: number): Promise<number> {
  Object.assign(dut.in, { address, read: 1 })
  await dut.clock()
  dut.in.read = 0
  return Number(dut.out.read_data)
}

async function write(dut: Dut, address: number, value: number): Promise<void> {
  Object.assign(dut.in, { address, write_data: value, write: 1 })
  await dut.clock()
  dut.in.write = 0
}

describe('register_file', () => {
  it('takes a write in one clock, and gives what is read one clock after', async () => {
    const dut = await registerFile()
    await write(dut, registerAddress.get('width')!, 2304)
    expect(dut.out.cfg_width).toBe(2304)
    expect(await read(dut, registerAddress.get('width')!)).toBe(2304)
  })

  it('holds after reset what the declarations say, on the wires too', async () => {
    const dut = await registerFile()
    for (const { name, reset } of writable) {
      expect(await read(dut, registerAddress.get(name)!), name).toBe(reset)
      expect(dut.out[`cfg_${name}`], name).toBe(reset)
    }
    for (let address = registerDeclarations.length; address < 32; address++)
      expect(await read(dut, address)).toBe(0)
  })

  it('is a memory of registers: a write changes one, in its declared bits, and nothing else', async () => {
    const dut = await registerFile()
    const random = new Random(1)
    const held = new Map<number, number>(
      writable.map(({ name, reset }) => [registerAddress.get(name)!, reset]),
    )
    for (let run = 0; run < 400; run++) {
      const address = random.integer(32)
      const value = random.uint32()
      await write(dut, address, value)
      const declared = registerDeclarations[address]
      if (held.has(address)) held.set(address, value % (mask(declared!.bits) + 1))
      for (const strobe of strobes) expect(dut.out[`strobe_${strobe.name}`]).toBe(Number(strobe === declared))
      for (const [at, expected] of held) expect(await read(dut, at)).toBe(expected)
      for (const { name } of writable)
        expect(dut.out[`cfg_${name}`]).toBe(held.get(registerAddress.get(name)!))
      for (const strobe of strobes) expect(dut.out[`strobe_${strobe.name}`]).toBe(0)
    }
  })

  it('shows build and frame count, which writes do not touch, and keeps read data between reads', async () => {
    const dut = await registerFile()
    Object.assign(dut.in, { status_build: 0xdeadbeef, status_frames: 77 })
    for (const name of ['schema', 'build', 'frames'] as const) await write(dut, registerAddress.get(name)!, 1)
    expect(await read(dut, registerAddress.get('schema')!)).toBe(registerSchema)
    expect(await read(dut, registerAddress.get('build')!)).toBe(0xdeadbeef)
    expect(await read(dut, registerAddress.get('frames')!)).toBe(77)
    dut.in.address = 3
    await dut.clock(5)
    expect(dut.out.read_data).toBe(77)
  })
})
