// Shapes and dtypes of operations that are not run: TensorFlow infers them while a graph is built.
//
//   startShapes()
//       Forgets all operations of before.
//   shapesOf(op, inputs: Int32Array, listed: number, names: string[], values: Uint8Array[]) → tensor infos
//       Adds an operation; it gets the number 0, 1, 2, … in order. inputs are pairs (number, output); the first `listed`
//       ones are one argument, a list. names and values are its attributes, each value a serialised AttrValue.
//       An info {id: -1, shape, dtype} has shape null where the shape depends on values.
#ifndef LATENTLAB_SHAPES_H_
#define LATENTLAB_SHAPES_H_

#include <memory>
#include <string>
#include <vector>

#include "arguments.h"
#include "tensorflow/c/c_api.h"

namespace tfnodejs {
namespace {

// Named only where it is called: TensorFlow is loaded after this addon.
struct DeleteGraph {
  void operator()(TF_Graph *graph) const { TF_DeleteGraph(graph); }
};
std::unique_ptr<TF_Graph, DeleteGraph> inferred;
std::vector<TF_Operation *> inferred_operations;

napi_value StartShapes(napi_env env, napi_callback_info info) {
  inferred_operations.clear();
  inferred.reset(TF_NewGraph());
  return nullptr;
}

bool AddInferred(napi_env env, const std::string &op, const std::vector<TF_Output> &inputs, size_t listed,
                 napi_value names, napi_value values) {
  std::string name = "n" + std::to_string(inferred_operations.size());
  // TF_FinishOperation deletes the description, so nothing may return before it.
  TF_OperationDescription *description = TF_NewOperation(inferred.get(), op.c_str(), name.c_str());
  TF_AutoStatus attribute, status;
  if (listed > 0) TF_AddInputList(description, inputs.data(), listed);
  for (size_t i = listed; i < inputs.size(); i++) TF_AddInput(description, inputs[i]);
  std::vector<std::string> keys;
  bool read = ReadStrings(env, names, &keys);
  for (size_t i = 0; read && i < keys.size(); i++) {
    napi_value value;
    void *bytes;
    size_t length;
    read = napi_get_element(env, values, i, &value) == napi_ok && ReadBytes(env, value, &bytes, &length);
    if (read && TF_GetCode(attribute.status) == TF_OK)
      TF_SetAttrValueProto(description, keys[i].c_str(), bytes, length, attribute.status);
  }
  TF_Operation *made = TF_FinishOperation(description, status.status);
  if (!read) return false;
  ENSURE_TF_OK_RETVAL(env, attribute, false);
  ENSURE_TF_OK_RETVAL(env, status, false);
  inferred_operations.push_back(made);
  return true;
}

napi_value ShapeArray(napi_env env, TF_Output output) {
  TF_AutoStatus status;
  napi_value shape;
  int rank = TF_GraphGetTensorNumDims(inferred.get(), output, status.status);
  std::vector<int64_t> sizes(rank > 0 ? rank : 0);
  if (rank > 0) TF_GraphGetTensorShape(inferred.get(), output, sizes.data(), rank, status.status);
  bool known = rank >= 0;
  for (int64_t size : sizes) known = known && size >= 0;
  if (!known) {
    napi_get_null(env, &shape);
    return shape;
  }
  napi_create_array_with_length(env, sizes.size(), &shape);
  for (size_t i = 0; i < sizes.size(); i++) {
    napi_value size;
    napi_create_int64(env, sizes[i], &size);
    napi_set_element(env, shape, i, size);
  }
  return shape;
}

napi_value InfoOf(napi_env env, TF_Output output) {
  napi_value info, id, dtype;
  napi_create_object(env, &info);
  napi_create_int32(env, -1, &id);
  napi_create_int32(env, TF_OperationOutputType(output), &dtype);
  napi_set_named_property(env, info, "id", id);
  napi_set_named_property(env, info, "shape", ShapeArray(env, output));
  napi_set_named_property(env, info, "dtype", dtype);
  return info;
}

napi_value ShapesOf(napi_env env, napi_callback_info info) {
  size_t argc = 5;
  napi_value args[5], self;
  napi_status nstatus = napi_get_cb_info(env, info, &argc, args, &self, nullptr);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  std::string op;
  nstatus = GetStringParam(env, args[0], op);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  int32_t *pairs, listed;
  size_t length;
  if (!ReadInts(env, args[1], &pairs, &length)) return nullptr;
  nstatus = napi_get_value_int32(env, args[2], &listed);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  std::vector<TF_Output> inputs;
  for (size_t i = 0; i + 1 < length; i += 2) inputs.push_back({inferred_operations.at(pairs[i]), pairs[i + 1]});
  if (!AddInferred(env, op, inputs, listed, args[3], args[4])) return nullptr;

  TF_Operation *made = inferred_operations.back();
  napi_value infos;
  nstatus = napi_create_array(env, &infos);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  for (int i = 0; i < TF_OperationNumOutputs(made); i++) napi_set_element(env, infos, i, InfoOf(env, {made, i}));
  return infos;
}

}  // namespace
}  // namespace tfnodejs

#endif  // LATENTLAB_SHAPES_H_
