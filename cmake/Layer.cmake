# torque_layer(NAME FOLDER [USES layer...]): one folder is one static library, torque_NAME.
#
# A file of the layer sees include/torque/, its own folder as "NAME/file.h" and the folders of the layers it
# USES, and nothing else: an include that points against the data flow does not compile. Each folder is made
# visible through a directory of its own in the build tree that holds one link.
function(torque_layer name folder)
    cmake_parse_arguments(PARSE_ARGV 2 layer "" "" "USES")
    set(seen_as ${CMAKE_BINARY_DIR}/layers/${name})
    file(MAKE_DIRECTORY ${seen_as})
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${folder} ${seen_as}/${name} SYMBOLIC)

    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cc)
    add_library(torque_${name} STATIC ${sources})
    target_include_directories(torque_${name} PRIVATE ${seen_as})
    target_include_directories(torque_${name} INTERFACE ${seen_as})
    target_link_libraries(torque_${name} PUBLIC torque_headers PRIVATE torque_warnings)
    foreach(used IN LISTS layer_USES)
        # PRIVATE: the users of this layer do not see the layers below it.
        target_link_libraries(torque_${name} PRIVATE torque_${used})
    endforeach()
    set_property(GLOBAL APPEND PROPERTY torque_layers ${name})
    if(EXISTS ${CMAKE_SOURCE_DIR}/${folder}/dependencies.cmake)
        include(${CMAKE_SOURCE_DIR}/${folder}/dependencies.cmake)
    endif()
endfunction()
