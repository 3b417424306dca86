import { describe, expect, it } from 'vitest'
import { openBoard } from '../../src/board/open-board.ts'
import { loadRecoilClassifier } from '../../src/network/recoil-classifier.ts'
import { boardConformance } from '../support/board-conformance.ts'

const classifier = await loadRecoilClassifier()

boardConformance('model:', classifier.classify, () => openBoard('model:', classifier))
boardConformance('sim:', classifier.classify, () => openBoard('sim:', classifier))

describe('openBoard', () => {
  it.each(['', 'model', 'fpga:', 'model:1', 'sim:x', 'serial', 'serial:', 'xdma:', 'toString:x'])(
    'refuses the address %j',
    async (address) => {
      await expect(openBoard(address, classifier)).rejects.toMatchObject({ code: 'GG_BOARD_ADDRESS' })
    },
  )
  it.each(['serial:/dev/ttyGEMGATE9', 'xdma:/dev/xdma77', 'vfio-user:/tmp/gemgate-none'])(
    'says that %s is not there',
    async (address) => {
      await expect(openBoard(address, classifier)).rejects.toMatchObject({ code: 'GG_BOARD_UNAVAILABLE' })
    },
  )
})
