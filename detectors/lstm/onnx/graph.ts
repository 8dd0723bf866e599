import { createProtobufWriter, type ProtobufWriter } from './protobuf.ts';

/** Field numbers below are those of onnx.proto (ONNX IR version 8). */
/** Numbers that ONNX gives the types of a tensor's elements. */
export const elementTypes = { float32: 1, uint8: 2, int8: 3, int64: 7 } as const;
const attributeTypes = { int: 2, text: 3 } as const;

/** Operators of ONNX Runtime's own, beside those of ONNX. */
export const runtimeDomain = 'com.microsoft';

export type Dimension = number | string;

/** Builds an ONNX model: nodes in topological order, inputs, outputs and weights by name. */
export interface OnnxGraph {
  /** Of floats, or of what `elementType` says. */
  input(name: string, shape: readonly Dimension[], elementType?: number): void;
  output(name: string, shape: readonly Dimension[], elementType?: number): void;
  floats(name: string, shape: readonly number[], values: Float32Array): void;
  integers(name: string, values: readonly number[]): void;
  /** Integers of 8 bits, signed or not. */
  bytes(name: string, shape: readonly number[], values: Int8Array | Uint8Array): void;
  node(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: Readonly<Record<string, number | string>>,
    domain?: typeof runtimeDomain,
  ): void;
  /** The file's bytes: the same graph gives the same bytes. */
  finish(metadata: Readonly<Record<string, string>>): Uint8Array;
}

export function createOnnxGraph(name: string, opset: number): OnnxGraph {
  const graph = createProtobufWriter();
  graph.text(2, name);
  let nodes = 0;
  let isOfRuntime = false;

  return {
    input: (tensor, shape, type) => void graph.message(11, valueInfo(tensor, shape, type)),
    output: (tensor, shape, type) => void graph.message(12, valueInfo(tensor, shape, type)),
    floats: (tensor, shape, values) =>
      void graph.message(5, initializer(tensor, shape, elementTypes.float32, rawBytes(values))),
    integers: (tensor, values) =>
      void graph.message(
        5,
        initializer(
          tensor,
          [values.length],
          elementTypes.int64,
          new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
        ),
      ),
    bytes: (tensor, shape, values) =>
      void graph.message(
        5,
        initializer(
          tensor,
          shape,
          values instanceof Int8Array ? elementTypes.int8 : elementTypes.uint8,
          rawBytes(values),
        ),
      ),
    node(operator, inputs, outputs, attributes = {}, domain = undefined) {
      const node = createProtobufWriter();
      for (const input of inputs) node.text(1, input);
      for (const output of outputs) node.text(2, output);
      node.text(3, `${operator.toLowerCase()}_${nodes++}`).text(4, operator);
      for (const [key, value] of Object.entries(attributes)) node.message(5, attribute(key, value));
      if (domain !== undefined) node.text(7, domain);
      isOfRuntime ||= domain !== undefined;
      graph.message(1, node);
    },
    finish(metadata) {
      const model = createProtobufWriter().varint(1, 8).text(2, 'kybern').message(7, graph);
      model.message(8, createProtobufWriter().text(1, '').varint(2, opset));
      if (isOfRuntime) model.message(8, createProtobufWriter().text(1, runtimeDomain).varint(2, 1));
      for (const [key, value] of Object.entries(metadata)) {
        model.message(14, createProtobufWriter().text(1, key).text(2, value));
      }
      return model.finish();
    },
  };
}

/** Name, type and shape of a tensor, as a graph declares its inputs and outputs. */
export function valueInfo(
  name: string,
  shape: readonly Dimension[],
  elementType: number = elementTypes.float32,
): ProtobufWriter {
  const dimensions = createProtobufWriter();
  for (const size of shape) {
    const dimension = createProtobufWriter();
    dimensions.message(1, typeof size === 'number' ? dimension.varint(1, size) : dimension.text(2, size));
  }
  const tensor = createProtobufWriter().varint(1, elementType).message(2, dimensions);
  return createProtobufWriter().text(1, name).message(2, createProtobufWriter().message(1, tensor));
}

function initializer(name: string, shape: readonly number[], type: number, raw: Uint8Array): ProtobufWriter {
  const tensor = createProtobufWriter();
  for (const size of shape) tensor.varint(1, size);
  return tensor.varint(2, type).text(8, name).bytes(9, raw);
}

function attribute(name: string, value: number | string): ProtobufWriter {
  const message = createProtobufWriter().text(1, name);
  return typeof value === 'number'
    ? message.varint(3, value).varint(20, attributeTypes.int)
    : message.text(4, value).varint(20, attributeTypes.text);
}

/** ONNX raw data is little-endian, and so is every machine that Node 24 runs on. */
function rawBytes(values: Float32Array | Int8Array | Uint8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
