import { networkInputs, networkOutputs } from '../network.ts';
import { valueInfo } from './graph.ts';
import { createProtobufWriter, type ProtobufField, type ProtobufWriter, readProtobuf } from './protobuf.ts';

/** Field numbers of onnx.proto (ONNX IR version 8). */
const model = { graph: 7 } as const;
const graph = { node: 1, name: 2, input: 11, output: 12 } as const;
const attributeTypes = { integer: 2, graph: 5 } as const;

/** What the tiles of an input or output of the network are called, below each other: a tensor [tiles, batch, columns]. */
export function tilesOf(name: string): string {
  return `tiles/${name}`;
}

/**
 * The network of a file, run over tile after tile of its rows in one call: ONNX's Scan (opset 9 and later) with the file's
 * graph as its body. Intermediate values of a small tile stay in the processor's cache, while what a call costs is paid
 * once. Results are the same to the bit, for a tile runs as it would by itself; the inputs and outputs are those of
 * {@link tilesOf}. Throws a RangeError where the bytes are no protobuf.
 */
export function tileNetwork(file: Uint8Array): Uint8Array {
  const tiled = createProtobufWriter();
  for (const field of readProtobuf(file)) {
    if (field.field === model.graph) tiled.message(model.graph, scanOf(field.bytes));
    else copyField(tiled, field);
  }
  return tiled.finish();
}

function scanOf(network: Uint8Array): ProtobufWriter {
  const declared = declarationsIn(network);
  const node = createProtobufWriter();
  for (const { name } of networkInputs) node.text(1, tilesOf(name));
  for (const { name } of networkOutputs) node.text(2, tilesOf(name));
  node.text(3, 'tiles').text(4, 'Scan');
  const body = createProtobufWriter().text(1, 'body').message(6, bodyOf(network, declared));
  node.message(5, body.varint(20, attributeTypes.graph));
  const scanned = createProtobufWriter().text(1, 'num_scan_inputs').varint(3, networkInputs.length);
  node.message(5, scanned.varint(20, attributeTypes.integer));

  const scan = createProtobufWriter().message(graph.node, node).text(graph.name, 'kybern-tiles');
  for (const { name, columns } of networkInputs) {
    scan.message(graph.input, valueInfo(tilesOf(name), ['tiles', 'rows', columns], typeOf(declared.get(name)!)));
  }
  for (const { name, columns } of networkOutputs) {
    scan.message(graph.output, valueInfo(tilesOf(name), ['tiles', 'rows', columns], typeOf(declared.get(name)!)));
  }
  return scan;
}

/** What a graph says of its inputs and outputs, by name. */
function declarationsIn(network: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const declared = new Map<string, Uint8Array>();
  for (const { field, bytes } of readProtobuf(network)) {
    if (field === graph.input || field === graph.output) declared.set(nameOf(bytes), bytes);
  }
  return declared;
}

/** The number of the element type of a tensor that is declared: fields type, tensor_type, elem_type. */
function typeOf(info: Uint8Array): number | undefined {
  for (const { field, bytes } of readProtobuf(info)) {
    if (field !== 2) continue;
    for (const type of readProtobuf(bytes)) {
      if (type.field !== 1) continue;
      for (const inner of readProtobuf(type.bytes)) if (inner.field === 1) return inner.varint;
    }
  }
  return undefined;
}

/** The graph with inputs and outputs in the order in which the tiles are given, which need not be the file's. */
function bodyOf(network: Uint8Array, declared: ReadonlyMap<string, Uint8Array>): ProtobufWriter {
  const body = createProtobufWriter();
  for (const field of readProtobuf(network)) {
    if (field.field !== graph.input && field.field !== graph.output) copyField(body, field);
  }
  for (const { name } of networkInputs) body.bytes(graph.input, declared.get(name)!);
  for (const { name } of networkOutputs) body.bytes(graph.output, declared.get(name)!);
  return body;
}

function nameOf(info: Uint8Array): string {
  for (const { field, bytes } of readProtobuf(info)) {
    if (field === 1) return new TextDecoder().decode(bytes);
  }
  return '';
}

/** What is empty or 0 means the same where it is missing. */
function copyField(into: ProtobufWriter, { field, varint, bytes }: ProtobufField): void {
  if (bytes.length > 0) into.bytes(field, bytes);
  else if (varint > 0) into.varint(field, varint);
}
