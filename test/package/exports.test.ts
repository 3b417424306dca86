import { expect, it } from 'vitest'
import * as sim from '../../sim/verilog/index.ts'
import * as gemgate from '../../src/index.ts'

// A change here is a change of the public interface: note it in CHANGELOG.md.
it('exports these values and no others', () => {
  expect(Object.keys(gemgate).sort()).toMatchInlineSnapshot(`
    [
      "Datapath",
      "FpgaDevice",
      "GemgateError",
      "PedestalBuilder",
      "Random",
      "RunFolder",
      "acquire",
      "buildDenseOnnx",
      "calibrate",
      "decodeEventPacket",
      "decodeNpy",
      "describeError",
      "encodeNpy",
      "errorCodes",
      "evaluate",
      "fileSource",
      "importDense",
      "loadPedestal",
      "loadRecoilClassifier",
      "openBoard",
      "openDevice",
      "pedestalConditions",
      "pedestalWord",
      "pedestalWords",
      "readFrames",
      "readOnnx",
      "recoilClass",
      "regionsOfInterest",
      "registerDeclarations",
      "registerSchema",
      "savePedestal",
      "spatialConditions",
      "spatialPedestal",
      "toNdarray",
      "validateSettings",
      "writeHdf5",
      "writeNpy",
    ]
  `)
  expect(Object.keys(sim).sort()).toMatchInlineSnapshot(`
    [
      "Simulation",
      "compileVerilog",
      "dutOf",
      "simulate",
    ]
  `)
})
