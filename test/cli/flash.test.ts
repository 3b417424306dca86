import { createHash } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attachDevice } from '../../sim/board/attach-device.ts'
import { LinkEndpoint } from '../../sim/board/link-endpoint.ts'
import { Pty } from '../../sim/board/pty.ts'
import { fullCapability } from '../../src/board/capability.ts'
import { boardPorts, flashPort } from '../../src/cli/flash-port.ts'
import { packageRoot } from '../../src/core/package-root.ts'
import { Random } from '../../src/core/random.ts'
import { findBoard } from '../../src/toolchain/boards.ts'
import { deviceUsers } from '../../src/toolchain/flash/device-users.ts'
import { type BitstreamManifest, manifestText } from '../../src/toolchain/manifest.ts'
import { gemgate } from '../support/gemgate.ts'
import { FakePrograms, says } from '../toolchain/flash/fake-program.ts'
import { writeIce40 } from '../toolchain/flash/ice40-writer.ts'
import { xilinxBit } from '../toolchain/flash/xilinx-writer.ts'

let folder: string
const image = writeIce40(new Random(1), { device: '5k' })
const use = { used: 1, available: 2 }
const manifest: BitstreamManifest = {
  format: 1,
  board: 'icebreaker',
  device: 'up5k',
  package: 'sg48',
  top: 'icebreaker_top',
  clock: 12_000_000,
  fmax: 13_000_000,
  slack: 1,
  baud: 3_000_000,
  seed: 1,
  resources: {
    logicCells: use,
    luts: 1,
    flipFlops: 1,
    blockRams: use,
    multipliers: use,
    singlePortRams: use,
  },
  sourceHash: '0123456789abcdef'.repeat(4),
  buildId: '0123456789abcdef',
  registerSchema: '01234567',
  protocolVersion: 1,
  capability: fullCapability,
  tools: {},
  sources: [],
  image: { file: 'x.bin', bytes: image.length, sha256: createHash('sha256').update(image).digest('hex') },
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gemgate-flash-'))
  await writeFile(join(folder, 'x.bin'), image)
  await writeFile(join(folder, 'x.json'), manifestText(manifest))
  await writeFile(join(folder, 'bare.bin'), image)
  const damaged = image.slice()
  damaged[5000]! ^= 4
  await writeFile(join(folder, 'damaged.bin'), damaged)
})
afterAll(() => rm(folder, { recursive: true }))

/** The board on a pseudo-terminal: its logic says this build. */
async function boardOnPty(build: bigint): Promise<Pty> {
  const pty = await Pty.open()
  const logic = { dropped: 0, read: () => 0, write: () => {}, pull: () => undefined, session: () => {} }
  const target = { ...logic, push: (bytes: Uint8Array) => bytes.length }
  attachDevice(new LinkEndpoint(target, { framing: 'bytes', registers: 1, build }), pty)
  return pty
}

const transcript = 'programming..\ndone.\nreading..\naddr 0x001200  62%\rVERIFY OK\ncdone: high\nBye.'
const iceprog = (former: string) => `case "$1" in
-t) echo 'flash ID: 0xEF 0x70 0x18 0x00' >&2;;
-R) cp '${former}' "$3"; truncate -s "$2" "$3"; echo 'done.' >&2;;
*) ${says('stderr', transcript)}
esac`

describe('gemgate flash', () => {
  test('--check says what an image is', async () => {
    const good = await gemgate(folder, 'flash', 'icebreaker', 'x.bin', '--check', '--json')
    expect(good.code).toBe(0)
    expect(JSON.parse(good.stdout)).toMatchObject({ ok: true, build: manifest.buildId, bytes: image.length })
    const bare = await gemgate(folder, 'flash', 'icebreaker', 'bare.bin', '--check')
    expect(bare).toMatchObject({ code: 0, stdout: expect.stringContaining('note: no manifest') })
  })

  test.each([
    [['icebreaker', 'damaged.bin', '--check'], 1, 'GG_IMAGE'],
    [['hx8k', 'bare.bin', '--check'], 1, 'GG_IMAGE'],
    [['icebreaker', '/dev/zero', '--check'], 1, 'GG_IMAGE'],
    [['icebreaker', 'none.bin'], 1, 'GG_FILE_NOT_FOUND'],
    [['nothing', 'x.bin'], 2, 'GG_USAGE'],
    [['icebreaker', '--restore', 'x.bin'], 1, 'GG_IMAGE'],
    [['icebreaker', 'bare.bin'], 1, 'GG_IMAGE'],
    [['icebreaker', 'x.bin', '--check', '--confirm'], 2, 'GG_USAGE'],
    [['icebreaker', '--restore', 'x.bin', '--confirm'], 2, 'GG_USAGE'],
    [['acorn', '--restore', 'x.bin'], 2, 'GG_USAGE'],
    [['ulx3s-85f'], 2, 'GG_USAGE'],
    [['litefury', '--check'], 2, 'GG_USAGE'],
  ] as const)('%j ends with %i and %s', async (args, code, error) => {
    const run = await gemgate(folder, 'flash', ...args, '--json')
    expect(run.code, run.stderr).toBe(code)
    expect(JSON.parse(run.stdout).error.code).toBe(error)
  })

  test('the image that came along, and the one that was built in this folder before it', async () => {
    const own = join(folder, 'own')
    await mkdir(join(own, 'bitstreams'), { recursive: true })
    const first = await gemgate(own, 'flash', 'hx8k', '--check', '--json')
    expect(first.code, first.stderr).toBe(0)
    expect(JSON.parse(first.stdout).image).toBe(join(packageRoot, 'bitstreams', 'hx8k.bin'))
    await copyFile(join(packageRoot, 'bitstreams', 'hx8k.bin'), join(own, 'bitstreams', 'hx8k.bin'))
    const second = await gemgate(own, 'flash', 'hx8k', '--check', '--json')
    expect(JSON.parse(second.stdout).image).toBe(join('bitstreams', 'hx8k.bin'))
  })

  test('a board of other tools needs its image named, and says where images come from', async () => {
    const { code, stderr } = await gemgate(folder, 'flash', 'acorn')
    expect(code).toBe(2)
    expect(stderr).toMatch(/GG_USAGE: there is no ready image of acorn.*gemgate build acorn.*\.bit/)
  })

  test('--confirm only asks', async () => {
    await using programs = await FakePrograms.make({ iceprog: 'exit 1' })
    await using pty = await boardOnPty(0x0123456789abcdefn)
    const port = `serial:${pty.path}?baud=115200`
    const run = await gemgate(folder, 'flash', 'icebreaker', 'x.bin', '--confirm', '--port', port)
    expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('runs the build 0123456789abcdef') })
    await expect(programs.arguments('iceprog')).rejects.toThrow('ENOENT')
    await using other = await boardOnPty(0x1111n)
    const wrong = `serial:${other.path}?baud=115200`
    const no = await gemgate(folder, 'flash', 'icebreaker', 'x.bin', '--confirm', '--port', wrong)
    expect(no).toMatchObject({ code: 1, stderr: expect.stringMatching(/GG_FLASH: step "compare build"/) })
  })

  test('a PCIe board is written, and never called confirmed before its computer has started again', async () => {
    await using _programs = await FakePrograms.make({
      openFPGALoader: says(
        'stdout',
        'openFPGALoader v0.10.0\nWriting: 100.00%\nDone\nVerifying: 100.00%\nDone',
      ),
    })
    const bit = xilinxBit(0x13636093)
    const acorn = findBoard('acorn')
    await writeFile(join(folder, 'acorn.bit'), bit)
    const sha256 = createHash('sha256').update(bit).digest('hex')
    const text = manifestText({
      ...manifest,
      board: 'acorn',
      device: acorn.device,
      package: acorn.package,
      image: { file: 'acorn.bit', bytes: bit.length, sha256 },
    })
    await writeFile(join(folder, 'acorn.json'), text)
    const run = await gemgate(folder, 'flash', 'acorn', 'acorn.bit', '--port', `xdma:${folder}/xdma7`)
    expect(run.code, run.stderr).toBe(1)
    expect(run.stdout).toContain('acorn is written, and not confirmed yet')
    expect(run.stdout).toContain(`gemgate flash acorn acorn.bit --confirm --port xdma:${folder}/xdma7`)
    const json = await gemgate(folder, 'flash', 'acorn', 'acorn.bit', '--json')
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stdout)).toMatchObject({ build: null, confirmed: false, port: null })
    // While something has the board open nothing is written.
    await using _stream = await open(join(folder, 'xdma7_user'), 'w')
    const busy = await gemgate(folder, 'flash', 'acorn', 'acorn.bit', '--port', `xdma:${folder}/xdma7`)
    expect(busy.stderr).toMatch(new RegExp(`GG_BOARD_UNAVAILABLE: .*open in process .*${process.pid}`))
    const unnamed = await gemgate(folder, 'flash', 'acorn', 'acorn.bit', '--confirm')
    expect(unnamed).toMatchObject({ code: 2, stderr: expect.stringContaining('--port xdma:/dev/xdma0') })
  })

  test('without a board it ends quickly with what to do', async () => {
    const began = performance.now()
    const run = await gemgate(folder, 'flash', 'icebreaker', 'x.bin', '--port', 'serial:/dev/ttyUSB99')
    expect(run.code).toBe(1)
    expect(run.stderr).toMatch(/GG_BOARD_UNAVAILABLE: .*ttyUSB99/)
    expect(performance.now() - began).toBeLessThan(20_000)
  })

  test('programs, asks over the serial port, keeps the former content, and gives it back', async () => {
    await using _programs = await FakePrograms.make({ iceprog: iceprog(join(folder, 'x.bin')) })
    await using pty = await boardOnPty(0x0123456789abcdefn)
    const common = ['--tool', 'iceprog', '--port', `serial:${pty.path}?baud=115200`, '--json']
    const run = await gemgate(folder, 'flash', 'icebreaker', 'x.bin', ...common)
    expect(run.code, run.stderr).toBe(0)
    const result = JSON.parse(run.stdout)
    expect(result).toMatchObject({
      build: manifest.buildId,
      confirmed: true,
      programmer: 'iceprog',
      bytes: image.length,
    })
    expect(run.stderr).toContain('verify')
    const back = await gemgate(folder, 'flash', 'icebreaker', '--restore', result.backup, ...common)
    expect(back.code, back.stderr).toBe(0)
    expect(JSON.parse(back.stdout)).toMatchObject({ build: manifest.buildId, bytes: 131072 })
  })

  test('a backup that cannot be what the board runs stops it', async () => {
    await using _programs = await FakePrograms.make({ iceprog: iceprog(join(folder, 'damaged.bin')) })
    await using pty = await boardOnPty(0x0123456789abcdefn)
    const port = `serial:${pty.path}?baud=115200`
    const run = await gemgate(
      folder,
      'flash',
      'icebreaker',
      'x.bin',
      '--tool',
      'iceprog',
      '--port',
      port,
      '--json',
    )
    expect(run.code).toBe(1)
    expect(JSON.parse(run.stdout).error).toMatchObject({
      code: 'GG_FLASH',
      message: expect.stringMatching(/^step "back up" failed.*not changed/),
    })
  })

  test('a board that returns another build is a failure, whatever the program said', async () => {
    await using _programs = await FakePrograms.make({ iceprog: iceprog('/dev/null') })
    await using pty = await boardOnPty(0x1111n)
    const port = `serial:${pty.path}?baud=115200`
    const run = await gemgate(
      folder,
      'flash',
      'icebreaker',
      'x.bin',
      '--tool',
      'iceprog',
      '--port',
      port,
      '--no-backup',
    )
    expect(run.code).toBe(1)
    expect(run.stderr).toMatch(/GG_FLASH: step "compare build" failed.*0000000000001111/)
  })
})

test('the UART of a bridge with two ports is the second one', () => {
  const { usb } = findBoard('icebreaker')
  const port = (path: string, interfaceNumber: string) => ({
    path,
    vendorId: '0403',
    productId: '6010',
    pnpId: `usb-1BitSquared_iCEBreaker_V1.0e_ib0-if${interfaceNumber}-port0`,
  })
  const ports = [port('/dev/ttyUSB0', '00'), port('/dev/ttyUSB1', '01'), { path: '/dev/ttyS0' }]
  expect(boardPorts(ports, usb).map(({ path }) => path)).toEqual(['/dev/ttyUSB1'])
  expect(boardPorts([], usb)).toEqual([])
})

describe('finding the port', () => {
  const icebreaker = findBoard('icebreaker')
  const found = (count: number) => async () => {
    const ports = Array.from({ length: count }, (_, i) => ({
      path: `/dev/ttyUSB${i}`,
      vendorId: '0403',
      productId: '6010',
    }))
    return { SerialPort: { list: async () => ports } }
  }

  test('one port, and everything else is an error that says which', async () => {
    const { address } = await flashPort(icebreaker, undefined, found(1))
    expect(address).toBe('serial:/dev/ttyUSB0?baud=3000000')
    const missing = () => Promise.reject(new Error("Cannot find package 'serialport'"))
    const broken = async () => ({
      SerialPort: { list: () => Promise.reject(new Error('spawn udevadm ENOENT')) },
    })
    for (const [load, code, words] of [
      [missing, 'GG_TOOL_MISSING', 'serialport'],
      [broken, 'GG_BOARD_UNAVAILABLE', 'udevadm'],
      [found(0), 'GG_BOARD_UNAVAILABLE', 'no serial port of icebreaker'],
      [found(2), 'GG_USAGE', '/dev/ttyUSB0, /dev/ttyUSB1'],
    ] as const)
      await expect(flashPort(icebreaker, undefined, load)).rejects.toMatchObject({
        code,
        message: expect.stringContaining(words),
      })
  })

  test('the address of another kind of link', async () => {
    for (const [board, address] of [
      ['icebreaker', 'xdma:/dev/xdma0'],
      ['acorn', 'serial:/dev/ttyUSB1'],
      ['acorn', 'xdma:'],
    ] as const)
      await expect(flashPort(findBoard(board), address)).rejects.toMatchObject({ code: 'GG_USAGE' })
  })
})

test('who holds a device file', async () => {
  const file = join(folder, 'xdma0_user')
  await writeFile(file, '')
  const fd = join(folder, 'proc', '4711', 'fd')
  await mkdir(fd, { recursive: true })
  await symlink(file, join(fd, '3'))
  await using _handle = await open(file)
  expect(await deviceUsers(join(folder, 'xdma0_'), join(folder, 'proc'))).toEqual([4711])
  expect(await deviceUsers(join(folder, 'xdma1_'), join(folder, 'proc'))).toEqual([])
  expect(await deviceUsers(join(folder, 'xdma0_'))).toEqual([process.pid])
})
