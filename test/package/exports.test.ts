import { expect, it } from 'vitest'
import * as sim from '../../sim/verilog/index.ts'
import * as gemgate from '../../src/index.ts'
import * as network from '../../src/network/index.ts'

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
      "calibrate",
      "decodeEventPacket",
      "decodeNpy",
      "describeError",
      "encodeNpy",
      "errorCodes",
      "fileSource",
      "loadPedestal",
      "loadRecoilClassifier",
      "openBoard",
      "openDevice",
      "pedestalConditions",
      "pedestalWord",
      "pedestalWords",
      "readFrames",
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
  expect(Object.keys(network).sort()).toMatchInlineSnapshot(`
    [
      "adderGraphModule",
      "allFiles",
      "buildDenseModel",
      "buildDenseOnnx",
      "buildHardware",
      "checkNetwork",
      "compileNetwork",
      "constantMatrix",
      "evaluateAdderGraph",
      "evaluateGraph",
      "importNetwork",
      "importTreeModel",
      "loadOnnxRuntime",
      "maximumModelBytes",
      "openOnnxSession",
      "optimiseAdderGraph",
      "quantizeModel",
      "readOnnx",
      "simplifyGraph",
      "snapLeaves",
      "writeOnnx",
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
