import { expect, it } from 'vitest'
import { FpgaDevice } from '../../src/device/fpga-device.ts'
import { openDevice } from '../../src/device/open-device.ts'
import { loadRecoilClassifier } from '../../src/network/recoil-classifier.ts'
import { ptyBoard, slowLink, smallGateware } from '../support/boards.ts'
import { smallRun } from '../support/chain.ts'

it('gives the event records of model: through a serial port and the simulated bits of a UART', async () => {
  const { classify } = await loadRecoilClassifier()
  const gateware = await smallGateware('uart', 64)
  const { frames, configuration } = smallRun(3)
  // Small boards have no tile trigger.
  const settings = { ...configuration.settings, tiles: null }
  await using serial = new FpgaDevice(await ptyBoard(gateware, classify, slowLink))
  await using model = await openDevice('model:')
  expect(serial.info.address).toMatch(/^serial:\/dev\/pts\/\d+\?baud=3000000$/)
  let clusters = 0
  try {
    for (const device of [serial, model]) await device.configure(settings, configuration.pedestal)
    const expected = model.process(frames)[Symbol.asyncIterator]()
    for await (const record of serial.process(frames)) {
      expect(record).toEqual((await expected.next()).value)
      clusters += record.clusters.length
    }
    expect((await expected.next()).done).toBe(true)
  } finally {
    gateware.close()
  }
  expect(clusters).toBeGreaterThan(0)
})
