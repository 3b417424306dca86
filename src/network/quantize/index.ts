export type { Sample } from './calibrate.ts'
export type { Grid } from './grid.ts'
export {
  type QuantizedLayer,
  type QuantizedModel,
  type QuantizedValue,
  type QuantizeOptions,
  quantizeModel,
} from './quantize-model.ts'
