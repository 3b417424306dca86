import { DuplexCarrier } from '../../../sim/board/duplex.ts'
import { FlashClock } from '../../../sim/board/flash/flash-clock.ts'
import { SimulatedFlashBoard } from '../../../sim/board/flash/simulated-flash-board.ts'
import { VirtualClock } from '../../../sim/board/virtual-clock.ts'
import { askBuildOver } from '../../../src/cli/ask-build.ts'
import { Random } from '../../../src/core/random.ts'
import { type CheckedImage, checkFormer, checkImage } from '../../../src/toolchain/flash/check-image.ts'
import type { FlashTarget } from '../../../src/toolchain/flash/flash-target.ts'
import type { Ice40Device } from '../../../src/toolchain/flash/ice40-devices.ts'
import { Ice40Programmer } from '../../../src/toolchain/flash/ice40-programmer.ts'
import { manifestFor, smallTarget, writeIce40 } from './ice40-writer.ts'

/** An image with a manifest that says this build. */
export function imageOf(build: bigint, seed: number, device: Ice40Device = '384', target = smallTarget) {
  const bytes = writeIce40(new Random(seed), { device })
  return checkImage(bytes, target, manifestFor(bytes, target, build.toString(16).padStart(16, '0')))
}

export interface SetupOptions {
  readonly images: readonly CheckedImage[]
  readonly backupFolder: string | null
  readonly seed?: number
  readonly device?: Ice40Device
  readonly target?: FlashTarget
  readonly flashId?: number
}

/** A simulated board and the options of the procedure for it; the HELLO goes over the real session. */
export function simulatedSetup(setup: SetupOptions) {
  const { images, backupFolder, seed = 1, device = '384', target = smallTarget } = setup
  const clock = new FlashClock()
  const board = new SimulatedFlashBoard({
    device,
    flashBytes: target.flashBytes,
    flashId: setup.flashId ?? 0xef4000 + Math.log2(target.flashBytes),
    clock,
    random: new Random(seed),
    builds: new Map(images.map((image) => [image.configuration!, image.build!])),
  })
  const askBuild = async (signal?: AbortSignal): Promise<bigint> => {
    const linkClock = new VirtualClock()
    const ask = askBuildOver(async () => new DuplexCarrier(board.link(), { clock: linkClock }), {
      clock: linkClock,
      nonce: () => 12345,
    })
    try {
      return await linkClock.run(ask(signal), 60_000)
    } finally {
      clock.advance(linkClock.now())
    }
  }
  const openProgrammer = () => Ice40Programmer.open(board.usb(), clock)
  return {
    board,
    clock,
    askBuild,
    options: {
      board: target.board,
      openProgrammer,
      askBuild,
      backupFolder,
      checkBackup: (bytes: Uint8Array) => checkFormer(bytes, target),
      clock,
    },
  }
}
