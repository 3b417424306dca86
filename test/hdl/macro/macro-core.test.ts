import { beforeAll, describe, expect, it } from 'vitest'
import { verilogFiles } from '../../../sim/board/core-sources.ts'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'
import { capabilityWord, checkCapability, type LogicCapability } from '../../../src/board/capability.ts'
import { registerSchema } from '../../../src/board/register-schema.ts'
import { registerAddress } from '../../../src/board/registers.ts'
import { frameRegisters, settingsRegisters } from '../../../src/board/settings-registers.ts'
import { Random } from '../../../src/core/random.ts'
import { Datapath } from '../../../src/trigger/datapath.ts'
import { decodeEventPacket } from '../../../src/trigger/event-packet.ts'
import { encodeMacroPixels } from '../../../src/trigger/macro-bytes.ts'
import { macroFrame } from '../../../src/trigger/macro-frame.ts'
import { pedestalWord } from '../../../src/trigger/pedestal-words.ts'
import { smallRun } from '../../support/chain.ts'
import { shippedClassifier } from '../../support/classifier.ts'
import { firstDifference, tally } from '../../support/packets.ts'
import { randomShot, type Shot } from '../../support/shots.ts'
import { MacroDriver } from './macro-driver.ts'
import { access } from './register-access.ts'

const classify = shippedClassifier()
const small: LogicCapability = {
  input: 'macro-pixels',
  macroSide: 64,
  labelBits: 4,
  gainBits: 10,
  tiles: false,
}

function macroCore({ macroSide, labelBits, gainBits }: LogicCapability): Promise<Dut> {
  const parameters = { MACRO_SIDE: macroSide, LABEL_BITS: labelBits, GAIN_BITS: gainBits, BUILD: 0xfeedbeef }
  return simulate(verilogFiles('hdl/macro'), { top: 'macro_core', parameters })
}

let dut: Dut
beforeAll(async () => {
  dut = await macroCore(small)
})

function expectedPackets(shots: readonly Shot[], labelBits = small.labelBits): Uint8Array[] {
  const datapath = new Datapath(classify, labelBits)
  return shots.map((s) => datapath.process(s.pixels, s.words, s.settings, s.frame, s.timeTag))
}

function randomShots(seed: number, count: number, columns: number, rows: number): Shot[] {
  const random = new Random(seed)
  return Array.from({ length: count }, (_, i) => randomShot(random, i, { columns, rows, tiles: false }))
}

describe('macro_core', () => {
  it('takes settings and the bytes of a frame, and gives an event packet', async () => {
    const [shot] = randomShots(20, 1, 20, 14)
    const { settings, pixels, words, frame, timeTag } = shot!
    const macro = macroFrame(pixels, words, settings)
    await dut.applyReset()
    const registers = [...settingsRegisters(settings), ...frameRegisters(frame, timeTag)]
    for (const [name, value] of [...registers, ['clipped_pixels', macro.clippedPixels] as const])
      await access(dut, registerAddress.get(name)!, value)
    const [packet] = expectedPackets([shot!])
    const { columns } = dut.stream({
      source: 's_axis',
      items: encodeMacroPixels(macro),
      sink: 'm_axis',
      count: packet!.length,
      stall: 0.2,
    })
    expect(Uint8Array.from(columns.m_axis_tdata as Uint32Array)).toEqual(packet)
    expect([...columns.m_axis_tlast!].indexOf(1)).toBe(packet!.length - 1)
    expect(await access(dut, registerAddress.get('frames')!)).toBe(1)
  })
})

describe('macro_core gives the bytes of Datapath', () => {
  it.each([
    { input: 0, output: 0, seed: 1 },
    { input: 80, output: 100, seed: 2 },
    { input: 250, output: 0, seed: 3 },
    { input: 0, output: 250, seed: 4 },
  ])('for 80 random frames with new settings each, paused $input/$output of 256', (pauses) => {
    const shots = randomShots(pauses.seed, 80, 20, 14)
    const driver = new MacroDriver(dut)
    driver.pause(pauses)
    const found = driver.process(shots)
    expect(firstDifference(shots, expectedPackets(shots), found)).toBe('')
    const { cluster, blocks } = tally(found)
    expect(blocks).toBeGreaterThan(30)
    expect(cluster).toBeGreaterThan(30)
    expect(driver.read('frames')).toBe(80)
    driver.expectSilence()
  })

  it.each([
    [64, 1, 4],
    [1, 64, 4],
    [1, 1, 4],
    [4, 4, 1],
    [2, 2, 2],
    [63, 3, 2],
    [64, 5, 1],
  ] as const)('for %i x %i macro-pixels at binning %i', (columns, rows, binning) => {
    const random = new Random(columns + rows)
    const shots = Array.from({ length: 3 }, (_, i) =>
      randomShot(random, i, { columns, rows, binning, exact: true, tiles: false }),
    )
    const found = new MacroDriver(dut).process(shots)
    expect(firstDifference(shots, expectedPackets(shots), found)).toBe('')
  })

  it('for a flash of light, with extreme numbers in every register', () => {
    const shot = flash(64)
    const found = new MacroDriver(dut).process([shot])
    expect(firstDifference([shot], expectedPackets([shot]), found)).toBe('')
    const event = decodeEventPacket(found[0]!)
    expect(event.clippedPixels).toBe(128 * 128)
    expect(event.clusters.map(({ pixels }) => pixels)).toEqual([4096])
  })

  it.each(['rst', 'session', 'register'] as const)(
    'after a reset in the middle of a frame or packet (%s)',
    (how) => {
      const random = new Random(6)
      const driver = new MacroDriver(dut)
      for (const shot of randomShots(7, 12, 16, 12)) {
        const bytes = driver.configure(shot)
        driver.send(bytes.subarray(0, random.integer(3) === 0 ? bytes.length : random.integer(bytes.length)))
        driver.run(random.integer(3000))
        if (how === 'register') driver.write('reset', 1)
        else driver.reset(how)
        expect(driver.read('width')).toBe(how === 'rst' ? 0 : shot.settings.width)
        expect(driver.read('frames')).toBe(0)
        // After a session the settings still stand.
        if (how === 'rst') driver.configure(shot)
        driver.send(bytes)
        expect(firstDifference([shot], expectedPackets([shot]), [driver.receive()])).toBe('')
        expect(driver.read('frames')).toBe(1)
      }
    },
  )

  it('after frames that it cannot hold, once a session ended them', () => {
    const random = new Random(8)
    const driver = new MacroDriver(dut)
    const [shot] = randomShots(9, 1, 16, 12)
    const bytes = driver.configure(shot!)
    for (let run = 0; run < 10; run++) {
      for (const name of ['width', 'height', 'binning', 'link'] as const)
        driver.write(name, random.integer(4) === 0 ? 0 : random.uint32())
      try {
        driver.send(bytes)
      } catch (error) {
        expect(String(error)).toContain('not taken')
      }
      expect(driver.read('schema')).toBe(registerSchema)
      driver.reset('session')
      expect(driver.read('schema')).toBe(registerSchema)
      expect(firstDifference([shot!], expectedPackets([shot!]), driver.process([shot!]))).toBe('')
    }
  })

  it('and takes no byte of the next frame until the packet was taken', () => {
    const shots = [...randomShots(21, 3, 20, 14), ...randomShots(22, 1, 1, 1)]
    const driver = new MacroDriver(dut)
    const found = shots.map((shot) => {
      driver.send(driver.configure(shot))
      Object.assign(dut.in, { s_axis_tvalid: 1, s_axis_tdata: 0xff, m_axis_tready: 0 })
      for (let clock = 0; clock < 3000; clock++) {
        expect(dut.out.s_axis_tready, `clock ${clock}`).toBe(0)
        dut.run(1)
      }
      dut.in.s_axis_tvalid = 0
      return driver.receive()
    })
    expect(firstDifference(shots, expectedPackets(shots), found)).toBe('')
    expect(dut.out.s_axis_tready).toBe(1)
  })

  it('for a frame again and again, sent without a clock between them', () => {
    const driver = new MacroDriver(dut)
    const [shot] = randomShots(12, 1, 16, 12)
    const bytes = driver.configure(shot!)
    for (let i = 0; i < 3; i++) driver.send(bytes)
    const found = [driver.receive(), driver.receive(), driver.receive()]
    expect(firstDifference([shot!, shot!, shot!], expectedPackets([shot!, shot!, shot!]), found)).toBe('')
    expect(driver.read('frames')).toBe(3)
  })

  it('for frames of the simulated detector', () => {
    const { frames, configuration } = smallRun(2, 3)
    const { settings, pedestal } = configuration
    const shots = frames.map((frame) => ({
      settings: { ...settings, tiles: null },
      pixels: frame.pixels as Uint16Array,
      words: pedestal,
      frame: frame.number,
      timeTag: 12345,
    }))
    for (const shot of shots) checkCapability(shot.settings, small)
    const found = new MacroDriver(dut).process(shots)
    expect(firstDifference(shots, expectedPackets(shots), found)).toBe('')
    expect(tally(found).cluster).toBeGreaterThan(1)
  })
})

describe('the registers of macro_core', () => {
  it('say what it is and can be read while a frame is under way', () => {
    const driver = new MacroDriver(dut)
    expect(driver.read('schema')).toBe(registerSchema)
    expect(driver.read('build')).toBe(0xfeedbeef)
    expect(driver.read('capability')).toBe(capabilityWord(small))
    const [shot] = randomShots(10, 1, 16, 12)
    const bytes = driver.configure(shot!)
    for (let at = 0; at < bytes.length; at += 50) {
      driver.send(bytes.subarray(at, at + 50))
      expect(driver.read('threshold_low')).toBe(shot!.settings.thresholdLow)
      expect(driver.read('frames')).toBe(0)
    }
    expect(firstDifference([shot!], expectedPackets([shot!]), [driver.receive()])).toBe('')
    expect(driver.read('frames')).toBe(1)
  })
})

describe('macro_core of another size', () => {
  const other = { ...small, macroSide: 576, labelBits: 2, gainBits: 8 }
  let wide: Dut
  beforeAll(async () => {
    wide = await macroCore(other)
  })

  it('processes a frame of 576 columns', () => {
    const shot = randomShot(new Random(11), 1, {
      columns: 576,
      rows: 6,
      binning: 4,
      exact: true,
      tiles: false,
    })
    const plain = { ...shot, settings: { ...shot.settings, gains: null } }
    const found = new MacroDriver(wide).process([plain])
    expect(firstDifference([plain], expectedPackets([plain], other.labelBits), found)).toBe('')
  })

  it('drops runs for which there is no label as Datapath does, with the flag set', () => {
    const shots = randomShots(5, 120, 60, 12).filter((shot) => {
      const [packet] = expectedPackets([shot], other.labelBits)
      return decodeEventPacket(packet!).droppedRuns > 0 && (shot.settings.gains?.gain.length ?? 0) <= 256
    })
    expect(shots.length).toBeGreaterThan(3)
    const found = new MacroDriver(wide).process(shots)
    expect(firstDifference(shots, expectedPackets(shots, other.labelBits), found)).toBe('')
    expect(decodeEventPacket(found[0]!).flags).toBe(1)
  })
})

function flash(side: number): Shot {
  const settings = {
    width: 2 * side,
    height: 2 * side,
    binning: 2,
    weights: null,
    commonMode: null,
    gains: { columnsLog2: 10, rowsLog2: 10, gain: Uint16Array.of(65535) },
    clipLow: 131071,
    clipHigh: 131071,
    thresholdLow: 1,
    thresholdHigh: 33554431,
    link: 4,
    minimumPixels: side * side,
    tiles: null,
  } as const
  return {
    settings,
    pixels: new Uint16Array(4 * side * side).fill(65535),
    words: new Uint32Array(4 * side * side).fill(pedestalWord(0, 3, false)),
    frame: 2 ** 32 - 1,
    timeTag: 2 ** 53 - 1,
  }
}
