import type { Random } from '../../../src/core/random.ts'
import type { SimulatedFlashBoard } from './simulated-flash-board.ts'

/** What a fault needs to know to hit something. */
export interface FaultScene {
  /** Bytes of the image that is written. */
  readonly imageBytes: number
  /** An older image of the same board. */
  readonly otherImage: Uint8Array
}

type Inject = (board: SimulatedFlashBoard, random: Random, scene: FaultScene) => void

const bit = (random: Random): number => 1 << random.integer(8)

const injections = {
  none: () => undefined,
  'write fails': ({ chip }, random, { imageBytes }) => {
    chip.faults.programFails = random.integer(Math.ceil(imageBytes / 256))
  },
  'erase fails': ({ chip }, random, { imageBytes }) => {
    chip.faults.eraseFails = random.integer(Math.ceil(imageBytes / 4096))
  },
  'stuck busy': ({ chip }, random, { imageBytes }) => {
    chip.faults.stuckBusyAfter = random.integer(Math.ceil(imageBytes / 256))
  },
  'stuck bit': ({ chip }, random, { imageBytes }) => {
    chip.faults.stuckBits = { address: random.integer(imageBytes), mask: bit(random) }
  },
  'bit rot before the start': (board, random, { imageBytes }) => {
    board.faults.rotAtBoot = { address: random.integer(imageBytes), mask: bit(random) }
  },
  'wrong chip': ({ chip }, random) => {
    chip.faults.id = [0, 0xffffff, random.integer(2 ** 24)][random.integer(3)]!
  },
  'protection locked': ({ chip }, random) => {
    chip.leave({ protection: 4 << random.integer(5) })
    chip.faults.protectionLocked = true
  },
  'protection on': ({ chip }, random) => chip.leave({ protection: 4 << random.integer(5) }),
  'flash asleep': ({ chip }) => chip.leave({ asleep: true }),
  'power loss': (board, random, { imageBytes }) => {
    board.faults.powerLossAfter = random.integer(7 * imageBytes)
  },
  'CDONE stuck low': ({ fpga }) => {
    fpga.doneStuckLow = true
  },
  'short reads': (board) => {
    board.faults.shortReads = true
  },
  silence: (board, random, { imageBytes }) => {
    board.faults.silentFrom = random.integer(Math.ceil(imageBytes / 20))
  },
  disconnect: (board, random, { imageBytes }) => {
    board.faults.disconnectAt = random.integer(Math.ceil(imageBytes / 20))
  },
  'old image boots': ({ fpga }, _random, { otherImage }) => {
    fpga.otherImage = otherImage
  },
  'link dead': (board) => {
    board.faults.linkDead = true
  },
} satisfies Record<string, Inject>

export type FaultKind = keyof typeof injections

export const faultKinds = Object.keys(injections) as FaultKind[]

/** Makes the board misbehave in this way from now on. */
export function injectFault(
  kind: FaultKind,
  board: SimulatedFlashBoard,
  random: Random,
  scene: FaultScene,
): void {
  const inject: Inject = injections[kind]
  inject(board, random, scene)
}

/** Takes all faults back; what they did to the flash stays. */
export function clearFaults(board: SimulatedFlashBoard): void {
  board.faults = {}
  board.chip.faults = {}
  board.fpga.doneStuckLow = false
  board.fpga.otherImage = undefined
}
