// Reads what JavaScript passes to the addon's functions. Each returns false after throwing.
#ifndef LATENTLAB_ARGUMENTS_H_
#define LATENTLAB_ARGUMENTS_H_

#include <string>
#include <vector>

#include <node_api.h>
#include "binding/utils.h"

namespace tfnodejs {
namespace {

bool ReadStrings(napi_env env, napi_value array, std::vector<std::string> *out) {
  uint32_t length;
  napi_status status = napi_get_array_length(env, array, &length);
  ENSURE_NAPI_OK_RETVAL(env, status, false);
  for (uint32_t i = 0; i < length; i++) {
    napi_value item;
    status = napi_get_element(env, array, i, &item);
    ENSURE_NAPI_OK_RETVAL(env, status, false);
    std::string text;
    status = GetStringParam(env, item, text);
    ENSURE_NAPI_OK_RETVAL(env, status, false);
    out->push_back(text);
  }
  return true;
}

// Views an Int32Array; the memory stays JavaScript's.
bool ReadInts(napi_env env, napi_value array, int32_t **data, size_t *length) {
  napi_typedarray_type type;
  void *bytes = nullptr;
  napi_status status = napi_get_typedarray_info(env, array, &type, length, &bytes, nullptr, nullptr);
  ENSURE_NAPI_OK_RETVAL(env, status, false);
  *data = static_cast<int32_t *>(bytes);
  return true;
}

// Views a Uint8Array; the memory stays JavaScript's.
bool ReadBytes(napi_env env, napi_value array, void **data, size_t *length) {
  napi_status status = napi_get_typedarray_info(env, array, nullptr, length, data, nullptr, nullptr);
  ENSURE_NAPI_OK_RETVAL(env, status, false);
  return true;
}

}  // namespace
}  // namespace tfnodejs

#endif  // LATENTLAB_ARGUMENTS_H_
