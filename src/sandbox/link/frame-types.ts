// Frame type numbers of the guest link. guest/PROTOCOL.md defines them.

export const PROTOCOL_VERSION = 3
export const MAGIC = 'GLVB'
export const HEADER_BYTES = 5
export const MAX_FRAME_BYTES = 1 << 20
export const MAX_PAYLOAD_BYTES = MAX_FRAME_BYTES - HEADER_BYTES

export const MAX_ARGUMENTS = 4096
export const MAX_VARIABLES = 1024
export const MAX_PATH_BYTES = 4096
export const MAX_READ_BYTES = 64 << 20
/** Most bytes of a step's input that the guest buffers until the step reads them. */
export const INPUT_WINDOW_BYTES = 256 << 10

/** Frames from the host to the guest. */
export const REQUEST = {
  run: 0x10,
  kill: 0x11,
  selfTest: 0x12,
  read: 0x13,
  coverage: 0x14,
  input: 0x15,
  mark: 0x16,
} as const

/** Frames from the guest to the host. */
export const MESSAGE = {
  hello: 0x81,
  output: 0x82,
  started: 0x83,
  exited: 0x84,
  files: 0x85,
  net: 0x86,
  stepEnded: 0x87,
  stepFailed: 0x88,
  checks: 0x89,
  fileData: 0x8a,
  fileEnd: 0x8b,
  coverage: 0x8c,
  digests: 0x8d,
  inputTaken: 0x8e,
  marked: 0x8f,
} as const

export interface Frame {
  type: number
  payload: Uint8Array
}
