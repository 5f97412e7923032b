# models/*.json -> C++ in the build tree, by modelc. Each service is a library matinee_model_NAME.
add_executable(modelc
  ${MATINEE_ROOT}/tools/modelc/main.cpp
  ${MATINEE_ROOT}/tools/modelc/authorization.cpp
  ${MATINEE_ROOT}/tools/modelc/model.cpp
  ${MATINEE_ROOT}/tools/modelc/emit_shapes.cpp
  ${MATINEE_ROOT}/tools/modelc/emit_operations.cpp)
target_compile_features(modelc PRIVATE cxx_std_23)
target_compile_options(modelc PRIVATE ${MATINEE_COLD})
target_link_libraries(modelc PRIVATE simdjson::simdjson fmt::fmt)
target_link_options(modelc PRIVATE -fuse-ld=lld)

# matinee_model(sqs): models/sqs.json with models/corrections/sqs.json -> generated/sqs/*.{h,cpp}
# With SMALL it is compiled as the SMALL service is to which it belongs (`flags.cmake`).
function(matinee_model service)
  set(directory ${CMAKE_BINARY_DIR}/generated/${service})
  set(outputs ${directory}/shapes.h ${directory}/shapes.cpp ${directory}/errors.h
    ${directory}/operations.h ${directory}/operations.cpp ${directory}/client.h
    ${directory}/client.cpp ${directory}/handlers.h)
  # Streams have DynamoDB's actions.
  string(REPLACE "dynamodbstreams" "dynamodb" actions ${service})
  # S3's control plane has S3's.
  string(REPLACE "s3control" "s3" actions ${actions})
  # Cloud Control's are CloudFormation's.
  string(REPLACE "cloudcontrol" "cloudformation" actions ${actions})
  set(inputs ${MATINEE_ROOT}/models/${service}.json
    ${MATINEE_ROOT}/models/corrections/${service}.json
    ${MATINEE_ROOT}/models/authorization/${actions}.json
    ${MATINEE_ROOT}/models/corrections/authorization/${service}.json)
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND modelc ${inputs} ${directory}
    DEPENDS modelc ${inputs}
    COMMENT "modelc ${service}")
  add_library(matinee_model_${service} STATIC ${outputs})
  if("SMALL" IN_LIST ARGN)
    target_compile_options(matinee_model_${service} PRIVATE ${MATINEE_SMALL})
    target_precompile_headers(matinee_model_${service} REUSE_FROM ${MATINEE_SMALL_PCH})
  else()
    matinee_cold(matinee_model_${service})
  endif()
  target_link_libraries(matinee_model_${service} PUBLIC matinee_flags matinee_protocol)
  target_compile_options(matinee_model_${service} PRIVATE
    -Wno-invalid-offsetof -Wno-overlength-strings)
  # A program keeps the few calls that it makes.
  set_source_files_properties(${directory}/client.cpp PROPERTIES
    COMPILE_OPTIONS -ffunction-sections)
endfunction()
