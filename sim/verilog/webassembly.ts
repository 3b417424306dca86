/** The part of the WebAssembly API used here; neither the es2023 library nor @types/node 20 declares it. */
export interface WasmModule {
  readonly [Symbol.toStringTag]?: string
}

export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>
}

interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<WasmModule>
  readonly Instance: new (module: WasmModule) => WasmInstance
}

export const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly
