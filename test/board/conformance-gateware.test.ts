import { loadRecoilClassifier } from '../../src/network/recoil-classifier.ts'
import { boardConformance } from '../support/board-conformance.ts'
import { fullGateware, gatewareBoard, smallGateware } from '../support/boards.ts'

const { classify } = await loadRecoilClassifier()

boardConformance('simulated gateware of a small board, bytes', classify, () =>
  gatewareBoard(smallGateware('bytes')),
)
boardConformance('simulated gateware of a small board, bits of the UART', classify, () =>
  gatewareBoard(smallGateware('uart')),
)
boardConformance('simulated gateware of a large board, records', classify, () =>
  gatewareBoard(fullGateware('records')),
)
