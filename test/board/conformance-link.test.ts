import { loadRecoilClassifier } from '../../src/network/recoil-classifier.ts'
import { boardConformance } from '../support/board-conformance.ts'
import { duplexBoard, macroTwin, pixelTwin, ptyBoard, vfioBoard, xdmaBoard } from '../support/boards.ts'

const { classify } = await loadRecoilClassifier()

boardConformance('emulated in process', classify, () => duplexBoard(pixelTwin(classify, 'bytes')))
boardConformance('emulated in process, macro-pixels', classify, () => duplexBoard(macroTwin(classify)))
boardConformance('serial port on a pseudo-terminal', classify, () =>
  ptyBoard(pixelTwin(classify, 'bytes'), classify),
)
boardConformance('files with the rules of XDMA', classify, () => xdmaBoard(pixelTwin(classify, 'records')))
boardConformance('vfio-user socket', classify, () => vfioBoard(pixelTwin(classify, 'records'), classify))
