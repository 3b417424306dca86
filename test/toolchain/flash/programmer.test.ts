import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FlashChip } from '../../../sim/board/flash/flash-chip.ts'
import { FlashClock } from '../../../sim/board/flash/flash-clock.ts'
import { MpsseInterpreter } from '../../../sim/board/flash/mpsse-interpreter.ts'
import { GemgateError } from '../../../src/core/errors.ts'
import { packageRoot } from '../../../src/core/package-root.ts'
import { Random } from '../../../src/core/random.ts'
import { boards, findBoard } from '../../../src/toolchain/boards.ts'
import { openBackup, saveBackup } from '../../../src/toolchain/flash/backup-file.ts'
import { chooseUsb, type UsbHandle } from '../../../src/toolchain/flash/find-usb.ts'
import type { FlashMonitor, FlashStep } from '../../../src/toolchain/flash/flash-monitor.ts'
import { flashTarget } from '../../../src/toolchain/flash/flash-target.ts'
import { Ice40Programmer } from '../../../src/toolchain/flash/ice40-programmer.ts'
import { MpsseSequence } from '../../../src/toolchain/flash/mpsse.ts'
import { openUsbTransport } from '../../../src/toolchain/flash/node-usb-transport.ts'
import { confirmBoard, flashBoard, restoreBoard } from '../../../src/toolchain/flash/procedure.ts'
import { identify } from '../../../src/toolchain/flash/spi-flash.ts'
import { imageOf, simulatedSetup } from './simulated-setup.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gemgate-flash-'))
})
afterAll(() => rm(folder, { recursive: true }))

const former = imageOf(0x1111111111111111n, 1)
const next = imageOf(0x2222222222222222n, 2)
const silent: FlashMonitor = { enter: () => undefined, changes: () => undefined, progress: () => undefined }

function running() {
  const setup = simulatedSetup({ images: [former, next], backupFolder: folder })
  setup.board.chip.memory.set(former.bytes)
  setup.board.cyclePower()
  setup.clock.advance(50)
  return setup
}

describe('the procedure', () => {
  test('an empty board gets an image, then another one, then the former one back', async () => {
    const { board, clock, askBuild, options } = simulatedSetup({
      images: [former, next],
      backupFolder: folder,
    })
    board.cyclePower()
    await expect(askBuild()).rejects.toMatchObject({ code: 'GG_LINK_TIMEOUT' })
    expect(await flashBoard(former, options)).toMatchObject({
      build: former.build,
      bytes: former.bytes.length,
    })
    const second = await flashBoard(next, options)
    expect(await askBuild()).toBe(next.build)
    const backup = await openBackup(second.backup!, 'small')
    expect(Buffer.from(backup.bytes.subarray(0, former.bytes.length))).toEqual(Buffer.from(former.bytes))
    expect(BigInt(`0x${backup.note.buildId}`)).toBe(former.build)
    expect((await restoreBoard(backup, options)).build).toBe(former.build)
    board.cyclePower()
    await clock.sleep(100)
    expect(await askBuild()).toBe(former.build)
    expect(clock.now()).toBeLessThan(15_000)
  })

  test.each([
    ['icebreaker', '5k', 0xef7018],
    ['hx8k', '8k', 0x20ba16],
  ] as const)('the boards: %s', async (name, device, flashId) => {
    const target = flashTarget(findBoard(name))!
    const image = imageOf(0x3333333333333333n, 3, device, target)
    const { board, clock, options } = simulatedSetup({
      images: [image],
      backupFolder: folder,
      device,
      target,
      flashId,
    })
    board.chip.memory.fill(0x5a, 0, 300_000)
    const steps: FlashStep[] = []
    const monitor = { ...silent, enter: (step: FlashStep) => void steps.push(step) }
    const result = await flashBoard(image, { ...options, monitor })
    expect(result).toMatchObject({ build: image.build, bytes: image.bytes.length })
    expect(steps).toEqual([
      'connect',
      'back up',
      'erase',
      'write',
      'verify',
      'configure',
      'open link',
      'compare build',
    ])
    // Only whole sectors of 4 KiB under the image were touched.
    const end = Math.ceil(image.bytes.length / 4096) * 4096
    expect(board.chip.memory[end]).toBe(0x5a)
    expect(clock.now()).toBeLessThan(20_000)
    // The backup is of no image, so nothing can be asked for.
    const back = await restoreBoard(await openBackup(result.backup!, name), options)
    expect(back.build).toBeNull()
    expect(board.chip.memory.subarray(0, 300_000).every((byte) => byte === 0x5a)).toBe(true)
  })

  test('protection that was on is on again', async () => {
    const { board, options } = running()
    board.chip.leave({ protection: 0x1c })
    await flashBoard(next, options)
    expect(board.chip.protection).toBe(0x1c)
  })

  test('an abort counts before erasing and after verifying, never between', async () => {
    for (const step of ['connect', 'back up', 'erase', 'write', 'verify', 'open link'] as const) {
      const { board, askBuild, options } = running()
      const abort = new AbortController()
      const monitor: FlashMonitor = {
        ...silent,
        enter: (now) => {
          if (now === step) abort.abort(new Error('Ctrl-C'))
        },
      }
      const failure = await flashBoard(next, { ...options, monitor, signal: abort.signal }).catch(
        (e: unknown) => e,
      )
      expect(failure).toMatchObject({
        code: 'GG_FLASH',
        message: expect.stringContaining('stopped by the user'),
      })
      const untouched = step === 'connect' || step === 'back up'
      const { message, remedy } = failure as { message: string; remedy: string }
      expect(message.includes('was not changed'), step).toBe(untouched)
      expect(remedy.includes('--restore'), step).toBe(!untouched)
      board.cyclePower()
      await options.clock.sleep(50)
      expect(await askBuild(), step).toBe(untouched ? former.build : next.build)
    }
  })

  test('an image without a manifest is refused before anything is touched', async () => {
    const { options } = running()
    let opened = 0
    const openProgrammer = () => {
      opened++
      return options.openProgrammer()
    }
    const image = { ...next, build: undefined }
    await expect(flashBoard(image, { ...options, openProgrammer })).rejects.toMatchObject({
      code: 'GG_IMAGE',
    })
    expect(opened).toBe(0)
  })

  test('a link that is open is closed first', async () => {
    const { options } = running()
    const order: string[] = []
    const openProgrammer = () => {
      order.push('programmer')
      return options.openProgrammer()
    }
    const closeLink = async (): Promise<void> => void order.push('link closed')
    await flashBoard(next, { ...options, openProgrammer, closeLink, backupFolder: null })
    expect(order).toEqual(['link closed', 'programmer'])
  })

  test('the link of another board is found out before anything is changed', async () => {
    const { board, options } = running()
    const other = running()
    const askBuild = other.askBuild
    await expect(flashBoard(next, { ...options, askBuild })).rejects.toMatchObject({
      message: expect.stringMatching(/^step "connect" failed: .*two boards\. .*not changed/),
    })
    expect(Buffer.from(board.chip.memory.subarray(0, former.bytes.length))).toEqual(Buffer.from(former.bytes))
  })

  test('a backup is not restored to another board either', async () => {
    const { board, options } = running()
    const other = running()
    const backup = await saveBackup(folder, 'small', former.bytes, former.build)
    board.chip.memory.set(next.bytes)
    board.cyclePower()
    await expect(restoreBoard(backup, { ...options, askBuild: other.askBuild })).rejects.toMatchObject({
      message: expect.stringMatching(/^step "connect" failed: .*two boards\. .*not changed/),
    })
    expect(Buffer.from(board.chip.memory.subarray(0, next.bytes.length))).toEqual(Buffer.from(next.bytes))
  })

  test.each([
    new GemgateError('GG_BOARD_UNAVAILABLE', 'the port is used by another program', 'Close it.'),
    new GemgateError('GG_TOOL_MISSING', 'serialport is missing', 'Install it.'),
    new TypeError('a bug'),
  ])('a link that cannot be asked stops it before anything is touched: %s', async (error) => {
    const { board, options } = running()
    const askBuild = async (): Promise<never> => Promise.reject(error)
    const backup = await saveBackup(folder, 'small', next.bytes, next.build)
    const refused = {
      code: error instanceof GemgateError ? error.code : 'GG_FLASH',
      message: expect.stringContaining(error.message),
    }
    let opened = 0
    const openProgrammer = () => {
      opened++
      return options.openProgrammer()
    }
    const closed = { ...options, askBuild, openProgrammer }
    await expect(flashBoard(next, closed)).rejects.toMatchObject(refused)
    await expect(restoreBoard(backup, closed)).rejects.toMatchObject(refused)
    expect(opened).toBe(0)
    expect(Buffer.from(board.chip.memory.subarray(0, former.bytes.length))).toEqual(Buffer.from(former.bytes))
  })

  test('a port that goes away for seconds after flashing is waited for, a silent one is not', async () => {
    const { clock, options, askBuild } = running()
    const gone = new GemgateError('GG_BOARD_UNAVAILABLE', 'the port is not there', 'Plug it in.')
    let backAt = Number.POSITIVE_INFINITY
    const leaving = async (signal?: AbortSignal): Promise<bigint> => {
      if (clock.now() < backAt) throw gone
      return askBuild(signal)
    }
    const monitor: FlashMonitor = {
      ...silent,
      enter: (step) => {
        if (step === 'open link') backAt = clock.now() + 8000
        else if (step === 'connect') backAt = 0
      },
    }
    backAt = 0
    expect(await flashBoard(next, { ...options, askBuild: leaving, monitor })).toMatchObject({
      build: next.build,
    })
    // For ever: an error after ten seconds. Silence: four questions.
    for (const [code, longest, questions] of [
      ['GG_BOARD_UNAVAILABLE', 11_000, 21],
      ['GG_LINK_TIMEOUT', 2_000, 4],
    ] as const) {
      const began = clock.now()
      let asked = 0
      const never = async (): Promise<never> => {
        asked++
        throw new GemgateError(code, 'nothing there', 'Plug it in.')
      }
      await expect(confirmBoard(next, { board: 'small', askBuild: never, clock })).rejects.toMatchObject({
        code: 'GG_FLASH',
        message: 'step "open link" failed: nothing there. The flash of the board was not changed.',
      })
      expect(clock.now() - began).toBeLessThan(longest)
      expect(asked).toBe(questions)
    }
  })

  test('a port that comes back with a silent board: the silence is counted from there', async () => {
    const { clock } = running()
    const backAt = clock.now() + 5000
    let asked = 0
    const askBuild = async (): Promise<never> => {
      if (clock.now() < backAt) throw new GemgateError('GG_BOARD_UNAVAILABLE', 'no port', 'Plug it in.')
      asked++
      throw new GemgateError('GG_LINK_TIMEOUT', 'no answer', 'Wait.')
    }
    await expect(confirmBoard(next, { board: 'small', askBuild, clock })).rejects.toMatchObject({
      message: expect.stringContaining('no answer'),
    })
    expect(asked).toBe(4)
  })

  test('confirming only asks', async () => {
    const { board, options } = running()
    const { clock, askBuild } = options
    const before = board.chip.memory.slice()
    expect(await confirmBoard(former, { board: 'small', askBuild, clock })).toBe(former.build)
    await expect(confirmBoard(next, { board: 'small', askBuild, clock })).rejects.toMatchObject({
      code: 'GG_FLASH',
      message: expect.stringMatching(/^step "compare build" failed: .*1111, not 2222.*not changed/),
    })
    expect(Buffer.from(board.chip.memory)).toEqual(Buffer.from(before))
  })

  test('a board that answers only later is written, and never called confirmed', async () => {
    const { board, options } = running()
    const result = await flashBoard(next, { ...options, askBuild: null })
    expect(result.build).toBeNull()
    expect(Buffer.from(board.chip.memory.subarray(0, next.bytes.length))).toEqual(Buffer.from(next.bytes))
  })

  test('what failed before the first erase says that nothing was changed', async () => {
    const { board, options } = running()
    board.chip.leave({ protection: 4 })
    board.chip.faults.protectionLocked = true
    await expect(flashBoard(next, options)).rejects.toMatchObject({
      message: expect.stringMatching(/^step "erase" failed: .*write protected.* was not changed\.$/),
      remedy: expect.not.stringContaining('--restore'),
    })
    expect(Buffer.from(board.chip.memory.subarray(0, former.bytes.length))).toEqual(Buffer.from(former.bytes))
  })

  test('an earlier erase that still runs is waited for, not broken off', async () => {
    const { board, clock } = running()
    const { chip } = board
    for (const bytes of [[0xab], [0x06], [0xd8, 0, 0, 0]]) {
      chip.select()
      for (const byte of bytes) chip.exchange(byte)
      chip.deselect()
    }
    const began = clock.now()
    expect(chip.busy).toBe(true)
    await using programmer = await Ice40Programmer.open(board.usb(), clock)
    expect(programmer.chip.id).toBe(0xef4010)
    expect(clock.now() - began).toBeGreaterThan(149)
    expect(chip.memory.every((byte) => byte === 0xff)).toBe(true)
  })

  test('a chip that stays busy from before is an error in time', async () => {
    const { board, clock, options } = running()
    board.chip.faults.stuckBusyAfter = 1
    await expect(flashBoard(next, options)).rejects.toMatchObject({ code: 'GG_FLASH' })
    const began = clock.now()
    await expect(Ice40Programmer.open(board.usb(), clock)).rejects.toMatchObject({
      message: expect.stringContaining('busy with an earlier command'),
    })
    expect(clock.now() - began).toBeLessThan(11_000)
  })
})

describe('backups', () => {
  test('a changed byte, another board, a foreign note', async () => {
    const { file } = await saveBackup(folder, 'small', Uint8Array.of(1, 2, 3), undefined)
    expect((await openBackup(file, 'small')).note.buildId).toBeNull()
    await expect(openBackup(file, 'other')).rejects.toMatchObject({ code: 'GG_IMAGE' })
    await writeFile(file, Uint8Array.of(1, 2, 4))
    await expect(openBackup(file, 'small')).rejects.toMatchObject({ code: 'GG_IMAGE' })
    for (const text of ['', 'null', '[]', '{"format":1}', '{"format":2}'])
      await writeFile(file.replace('.bin', '.json'), text).then(() =>
        expect(openBackup(file, 'small')).rejects.toMatchObject({ code: 'GG_IMAGE' }),
      )
    await expect(openBackup(join(folder, 'none.bin'), 'small')).rejects.toMatchObject({
      code: 'GG_FILE_NOT_FOUND',
    })
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test('no backup is overwritten by the same content with another build id, or with none', async () => {
    const bytes = Uint8Array.of(9, 9, 9)
    const silent = await saveBackup(folder, 'small', bytes, undefined)
    const first = await saveBackup(folder, 'small', bytes, 5n)
    const second = await saveBackup(folder, 'small', bytes, 6n)
    const all = [silent, first, second]
    expect(new Set(all.map(({ file }) => file)).size).toBe(3)
    const builds = await Promise.all(
      all.map(async ({ file }) => (await openBackup(file, 'small')).note.buildId),
    )
    expect(builds).toEqual([null, '0000000000000005', '0000000000000006'])
    expect((await saveBackup(folder, 'small', bytes, 5n)).file).toBe(first.file)
    // A build id that was known once stays known.
    expect((await saveBackup(folder, 'small', bytes, undefined)).file).toBe(first.file)
  })

  test('a damaged backup of the same name is written again', async () => {
    const bytes = Uint8Array.of(7, 7)
    const { file } = await saveBackup(folder, 'small', bytes, 5n)
    await writeFile(file, Uint8Array.of(7))
    await saveBackup(folder, 'small', bytes, 5n)
    expect([...(await openBackup(file, 'small')).bytes]).toEqual([7, 7])
  })

  test('a folder that cannot be made', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(
      saveBackup(join(folder, 'file', 'x'), 'small', Uint8Array.of(1), undefined),
    ).rejects.toMatchObject({
      code: 'GG_OUTPUT',
    })
  })
})

describe('MPSSE', () => {
  test('the bytes of iceprog', () => {
    const bytes = new MpsseSequence()
      .clock(0)
      .setLow(0, 0x93)
      .write(Uint8Array.of(0x9f))
      .read(3)
      .exchangeBits(0xff, 2)
      .readLow()
    expect([...bytes.bytes()]).toEqual([
      ...[0x8b, 0x86, 0, 0],
      ...[0x80, 0, 0x93],
      ...[0x11, 0, 0, 0x9f],
      ...[0x20, 2, 0],
      ...[0x33, 1, 0xff],
      0x81,
      0x87,
    ])
    expect(bytes.answers).toBe(5)
  })

  test('the interpreter takes operations in any cut and answers what it does not know', () => {
    const seen: number[] = []
    const interpreter = new MpsseInterpreter({
      drive: () => undefined,
      sense: () => 0x42,
      exchange: (byte) => seen.push(byte) & 255,
      exchangeBits: () => 0,
    })
    for (const byte of [0x31, 1, 0, 7, 8, 0x81, 0xaa, 0x11, 0, 0, 9]) interpreter.push(byte)
    expect(seen).toEqual([7, 8, 9])
    expect(interpreter.take(2)).toEqual([1, 2])
    expect(interpreter.take(99)).toEqual([0x42, 0xfa, 0xaa])
  })
})

describe('the flash chip', () => {
  const clock = new FlashClock()
  const chip = new FlashChip({ bytes: 65536, id: 0xef4010, random: new Random(1) }, clock)
  const command = (...bytes: number[]): number[] => {
    chip.select()
    const answers = bytes.map((byte) => chip.exchange(byte))
    chip.deselect()
    return answers
  }
  const wait = (): void => clock.advance(1000)

  test('programs only after write enable, only to 0, and wraps in the page', () => {
    command(0x02, 0, 1, 0, 0x0f)
    expect(chip.memory[0x100]).toBe(0xff)
    command(0x06)
    expect(command(0x05, 0)[1]).toBe(2)
    command(0x02, 0, 1, 0xfe, 1, 2, 3)
    expect(command(0x05, 0)[1]).toBe(1)
    wait()
    expect([...chip.memory.subarray(0x1fe, 0x200), chip.memory[0x100]]).toEqual([1, 2, 3])
    command(0x06)
    command(0x02, 0, 1, 0, 0xfd)
    wait()
    expect(chip.memory[0x100]).toBe(1)
  })

  test('erases sectors, refuses while busy, sleeps, protects', () => {
    command(0x06)
    command(0x20, 0, 1, 0)
    expect(command(0x9f, 0, 0, 0).slice(1)).toEqual([255, 255, 255])
    wait()
    expect(chip.memory[0x100]).toBe(0xff)
    expect(command(0x9f, 0, 0, 0).slice(1)).toEqual([0xef, 0x40, 0x10])
    command(0xb9)
    expect(command(0x9f, 0, 0, 0).slice(1)).toEqual([255, 255, 255])
    command(0xab)
    command(0x06)
    command(0x01, 0x04)
    wait()
    command(0x06)
    command(0x02, 0, 0, 0, 0)
    wait()
    expect(chip.memory[0]).toBe(0xff)
  })

  test('who the chips are', () => {
    expect(identify(0xef7018)).toMatchObject({ bytes: 2 ** 24 })
    expect(identify(0x20ba16)).toMatchObject({ bytes: 2 ** 22 })
    for (const id of [0, 0xffffff, 0x123456, 0xef4001, 0xef40ff])
      expect(() => identify(id)).toThrow(expect.objectContaining({ code: 'GG_FLASH' }))
  })
})

/** A device on USB whose opening goes wrong in one way; transfers are not reached. */
function usbDevice(change: Partial<UsbHandle>): UsbHandle {
  const nothing = async (): Promise<void> => undefined
  const refuse = async (): Promise<never> => Promise.reject(new Error('not reached'))
  return {
    vendorId: 0x0403,
    productId: 0x6010,
    bus: '1',
    address: 7,
    serialNumber: 'ib001',
    open: nothing,
    close: nothing,
    claimInterface: nothing,
    releaseInterface: nothing,
    detachKernelDriver: nothing,
    attachKernelDriver: nothing,
    controlTransferOut: refuse,
    transferIn: refuse,
    transferOut: refuse,
    ...change,
  }
}

const endpoint = { type: 'bulk', packetSize: 512 }
const ftdiInterface = {
  interfaceNumber: 0,
  alternates: [
    {
      endpoints: [
        { ...endpoint, endpointNumber: 1, direction: 'in' as const },
        { ...endpoint, endpointNumber: 2, direction: 'out' as const },
      ],
    },
  ],
}

describe('USB', () => {
  const ids = boards[0]!.usb

  test('one device is chosen, none and several are errors', () => {
    const one = usbDevice({})
    const other = usbDevice({ serialNumber: 'ib002' })
    const foreign = usbDevice({ productId: 1 })
    expect(chooseUsb([foreign, one], ids)).toBe(one)
    expect(chooseUsb([one, other], ids, 'ib002')).toBe(other)
    expect(() => chooseUsb([foreign], ids)).toThrow(expect.objectContaining({ code: 'GG_BOARD_UNAVAILABLE' }))
    expect(() => chooseUsb([one, other], ids)).toThrow(expect.objectContaining({ code: 'GG_USAGE' }))
  })

  test.each([
    ['permission denied (errno 13)', 'udevadm control --reload'],
    ['interface is busy (errno 16)', 'other program'],
    ['something else', 'WinUSB'],
  ])('%s', async (message, remedy) => {
    const device = usbDevice({ open: () => Promise.reject(new Error(message)) })
    await expect(openUsbTransport(device)).rejects.toMatchObject({
      code: 'GG_BOARD_UNAVAILABLE',
      remedy: expect.stringContaining(remedy),
    })
  })

  test('the udev rule of the message is that of the documentation', async () => {
    const device = usbDevice({ open: () => Promise.reject(new Error('permission denied (errno 13)')) })
    const error = await openUsbTransport(device).catch((error: unknown) => error)
    const rule = /SUBSYSTEM.*$/.exec((error as GemgateError).remedy)?.[0]
    expect(rule).toContain('0403')
    expect(await readFile(join(packageRoot, 'docs/flashing.md'), 'utf8')).toContain(rule)
  })

  test('the way through the WebUSB calls: control, bulk out, bulk in, and everything given back', async () => {
    const { board, clock, options, askBuild } = running()
    const calls: string[] = []
    const openProgrammer = async () => {
      const port = board.usb()
      const device = usbDevice({
        configuration: { interfaces: [ftdiInterface] },
        claimInterface: async (n) => void calls.push(`claim ${n}`),
        detachKernelDriver: async (n) => void calls.push(`detach ${n}`),
        attachKernelDriver: async (n) => void calls.push(`attach ${n}`),
        releaseInterface: async (n) => void calls.push(`release ${n}`),
        close: async () => {
          calls.push('close')
          await port[Symbol.asyncDispose]()
        },
        controlTransferOut: async (setup) => {
          expect(setup).toMatchObject({ requestType: 'vendor', recipient: 'device', index: 1 })
          await port.control(setup.request, setup.value)
          return { status: 'ok' }
        },
        // A driver may take a part only.
        transferOut: async (endpoint, data) => {
          expect(endpoint).toBe(2)
          await port.write(data.subarray(0, 300))
          return { status: 'ok', bytesWritten: Math.min(300, data.length) }
        },
        transferIn: async (endpoint, length, timeout) => {
          expect(endpoint).toBe(1)
          const bytes = await port.read(length, timeout)
          if (bytes.length <= 2) throw new Error('transfer timed out')
          return { data: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
        },
      })
      return Ice40Programmer.open(await openUsbTransport(device), clock)
    }
    await flashBoard(next, { ...options, openProgrammer })
    expect(await askBuild()).toBe(next.build)
    expect(calls).toEqual(['detach 0', 'claim 0', 'release 0', 'attach 0', 'close'])
  })

  test.each([
    ['a stall', { status: 'stall', bytesWritten: 0 }, 'GG_LINK_LOST'],
    ['a timeout', new Error('Transfer timed out'), 'GG_LINK_TIMEOUT'],
    ['unplugging', new Error('device disconnected'), 'GG_LINK_LOST'],
  ])('%s while writing', async (_what, answer, code) => {
    const device = usbDevice({
      configuration: { interfaces: [ftdiInterface] },
      transferOut: async () => (answer instanceof Error ? Promise.reject(answer) : answer),
    })
    await using usb = await openUsbTransport(device)
    await expect(usb.write(Uint8Array.of(1))).rejects.toMatchObject({ code })
  })

  test('the driver gets its port back when the claim fails', async () => {
    const calls: string[] = []
    const device = usbDevice({
      claimInterface: () => Promise.reject(new Error('claimed by another')),
      attachKernelDriver: async (port) => void calls.push(`attach ${port}`),
      close: async () => void calls.push('close'),
    })
    await expect(openUsbTransport(device)).rejects.toMatchObject({ code: 'GG_BOARD_UNAVAILABLE' })
    expect(calls).toEqual(['attach 0', 'close'])
  })
})
