/**
 * Functions of TensorFlow: a graph under a name, which is then run like any operation.
 *
 * @module
 */
import type { Attribute } from "../../../models/graph/backend.ts";
import type { Edge, Graph, Node } from "../../../models/graph/graph.ts";
import type { Constant } from "../../../models/graph/recording.ts";
import type { GraphRuntime } from "../../../models/graph/runtime.ts";
import { checked, type CInterface, cString, outputList, pointerList } from "./c_interface.ts";
import { type OpDefinition, readOpDefinition } from "./op_definition.ts";

/** Codes of the kinds of attributes: those of `TF_AttrType`. */
const KINDS = ["string", "int", "float", "bool", "type", "shape"] as const;

/** Makes functions in a context of TensorFlow. */
export class GraphFunctions implements GraphRuntime {
  readonly #c: CInterface;
  readonly #context: Deno.PointerValue;

  /** @param context The eager context in which the functions will be called. */
  constructor(c: CInterface, context: Deno.PointerValue) {
    this.#c = c;
    this.#context = context;
  }

  define(name: string, graph: Graph): void {
    const c = this.#c;
    const memory = c.TF_NewGraph();
    try {
      const builder = new Builder(c, memory);
      const made = builder.build(name, graph);
      try {
        checked(c, (status) => c.TFE_ContextAddFunction(this.#context, made, status));
      } finally {
        c.TF_DeleteFunction(made);
      }
    } finally {
      c.TF_DeleteGraph(memory);
    }
  }

  remove(name: string): void {
    checked(
      this.#c,
      (status) => this.#c.TFE_ContextRemoveFunction(this.#context, cString(name), status),
    );
  }
}

/** Builds one function. */
class Builder {
  readonly #c: CInterface;
  readonly #graph: Deno.PointerValue;
  readonly #definitions = new Map<string, OpDefinition>();
  readonly #inputs: Deno.PointerValue[] = [];
  readonly #nodes: Deno.PointerValue[] = [];

  constructor(c: CInterface, graph: Deno.PointerValue) {
    this.#c = c;
    this.#graph = graph;
  }

  build(name: string, { inputs, nodes, outputs }: Graph): Deno.PointerValue {
    const c = this.#c;
    inputs.forEach(({ dtype }, i) => {
      const placeholder = c.TF_NewOperation(
        this.#graph,
        cString("Placeholder"),
        cString(`input_${i}`),
      );
      c.TF_SetAttrType(placeholder, cString("dtype"), dtype);
      this.#inputs.push(checked(c, (status) => c.TF_FinishOperation(placeholder, status)));
    });
    for (const node of nodes) this.#nodes.push(this.#add(node));
    const effects = this.#nodes.filter((_, i) => nodes[i]!.hasEffect);
    return checked(c, (status) =>
      c.TF_GraphToFunctionWithControlOutputs(
        ...[this.#graph, cString(name), 0] as const,
        ...[-1, null] as const,
        ...[inputs.length, this.#list(inputs.map((_, input) => ({ input })))] as const,
        ...[outputs.length, this.#list(outputs), null] as const,
        ...[effects.length, pointerList(effects), null] as const,
        ...[null, null, status] as const,
      ));
  }

  #add(node: Node): Deno.PointerValue {
    const c = this.#c;
    const { inputs, attributes, isStateful } = this.#definitionOf(node);
    const where = () =>
      node.place === undefined ? node.operation : `${node.operation} at ${node.place}`;
    if (isStateful && !node.hasEffect && node.operation !== "ReadVariableOp") {
      throw new Error(
        `${where()} has a state of its own, such as that of random numbers, and cannot be recorded: ` +
          "call it outside of the step, and give what it returns as an argument",
      );
    }
    const description = c.TF_NewOperation(
      this.#graph,
      cString(node.operation),
      cString(node.name),
    );
    this.#addInputs(description, node, inputs);
    for (const before of node.after) c.TF_AddControlInput(description, this.#nodes[before]!);
    // Those that follow from the inputs are left to TensorFlow, as in eager calls.
    const inferred = inputs.flatMap((one) => [one.typeAttribute, one.listAttribute]);
    for (const attribute of node.attributes) {
      if (!attributes.includes(attribute.name) || inferred.includes(attribute.name)) continue;
      this.#setAttribute(description, attribute);
    }
    if (node.operation.startsWith("_Mkl")) {
      // Kernels of oneDNN have a label, which eager calls are given without asking.
      const label = new TextEncoder().encode("MklNameChangeOp");
      c.TF_SetAttrString(description, cString("_kernel"), label, BigInt(label.length));
    }
    if (node.constant !== undefined) this.#setValue(description, node.constant);
    try {
      return checked(c, (status) => c.TF_FinishOperation(description, status));
    } catch (cause) {
      const { message } = cause as Error;
      throw new Error(`${where()} has no place in a graph: ${message}`, { cause });
    }
  }

  #definitionOf({ operation, place }: Node): OpDefinition {
    const c = this.#c;
    const known = this.#definitions.get(operation);
    if (known !== undefined) return known;
    const buffer = c.TF_NewBuffer();
    try {
      checked(c, (status) => c.TF_GraphGetOpDef(this.#graph, cString(operation), buffer, status));
      // A TF_Buffer starts with the address of its data and their length.
      const view = new Deno.UnsafePointerView(buffer!);
      const [data, length] = [view.getPointer(0), Number(view.getBigUint64(8))];
      const bytes = Deno.UnsafePointerView.getArrayBuffer(data!, length);
      const definition = readOpDefinition(new Uint8Array(bytes));
      this.#definitions.set(operation, definition);
      return definition;
    } catch (cause) {
      const { message } = cause as Error;
      throw new Error(`${operation} at ${place} has no place in a graph: ${message}`, { cause });
    } finally {
      c.TF_DeleteBuffer(buffer);
    }
  }

  /** Adds the inputs, of which some are lists: one list takes what the others leave. */
  #addInputs(
    description: Deno.PointerValue,
    { inputs, attributes }: Node,
    definitions: OpDefinition["inputs"],
  ): void {
    const lists = definitions.filter(({ listAttribute }) => listAttribute !== undefined).length;
    let from = 0;
    for (const { listAttribute } of definitions) {
      if (listAttribute === undefined) {
        this.#c.TF_AddInput(description, this.#list([inputs[from++]!]));
        continue;
      }
      const told = attributes.find(({ name }) => name === listAttribute)?.value;
      const length = lists === 1
        ? inputs.length - (definitions.length - 1)
        : Array.isArray(told)
        ? told.length
        : Number(told);
      const members = inputs.slice(from, from += length);
      this.#c.TF_AddInputList(description, this.#list(members), members.length);
    }
  }

  #list(edges: readonly Edge[]): Uint8Array<ArrayBuffer> {
    return outputList(
      edges.map((edge) =>
        "input" in edge
          ? { operation: this.#inputs[edge.input]!, index: 0 }
          : { operation: this.#nodes[edge.node]!, index: edge.output }
      ),
    );
  }

  #setAttribute(description: Deno.PointerValue, { name, type, value }: Attribute): void {
    const c = this.#c;
    const key = cString(name);
    const kind = KINDS[type];
    const list = Array.isArray(value) ? value : undefined;
    if (kind === "string") {
      const bytes = new TextEncoder().encode(String(value));
      c.TF_SetAttrString(description, key, bytes, BigInt(bytes.length));
    } else if (kind === "int" && list !== undefined) {
      c.TF_SetAttrIntList(description, key, BigInt64Array.from(list, BigInt), list.length);
    } else if (kind === "int") c.TF_SetAttrInt(description, key, BigInt(Number(value)));
    else if (kind === "float" && list !== undefined) {
      c.TF_SetAttrFloatList(description, key, Float32Array.from(list), list.length);
    } else if (kind === "float") c.TF_SetAttrFloat(description, key, Number(value));
    else if (kind === "bool" && list !== undefined) {
      c.TF_SetAttrBoolList(description, key, Uint8Array.from(list, Number), list.length);
    } else if (kind === "bool") c.TF_SetAttrBool(description, key, Number(value));
    else if (kind === "type") c.TF_SetAttrType(description, key, Number(value));
    else if (kind === "shape") {
      c.TF_SetAttrShape(
        description,
        key,
        BigInt64Array.from(list ?? [], BigInt),
        list?.length ?? 0,
      );
    } else throw new Error(`attribute ${name} is of a kind that is not known here`);
  }

  #setValue(description: Deno.PointerValue, { dtype, shape, bytes }: Constant): void {
    const c = this.#c;
    const sizes = BigInt64Array.from(shape, BigInt);
    const tensor = c.TF_AllocateTensor(dtype, sizes, shape.length, BigInt(bytes.length));
    try {
      if (bytes.length > 0) {
        const memory = Deno.UnsafePointerView.getArrayBuffer(
          c.TF_TensorData(tensor)!,
          bytes.length,
        );
        new Uint8Array(memory).set(bytes);
      }
      checked(c, (status) => c.TF_SetAttrTensor(description, cString("value"), tensor, status));
    } finally {
      c.TF_DeleteTensor(tensor);
    }
  }
}
