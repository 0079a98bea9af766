# What `cmake --install` and the package put beside the programs: manual pages, completion, schemas, a unit for systemd.
foreach(section 1 3 5 7 8)
    file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.${section})
    set(component torque)
    if(section EQUAL 3)
        set(component dev)
    endif()
    install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT ${component})
endforeach()

file(GLOB schemas CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/layout/schemas/*.json)
install(FILES ${schemas} DESTINATION ${CMAKE_INSTALL_DATADIR}/torque/schemas)

# The program writes the scripts, so it cannot be one for another machine.
if(NOT CMAKE_CROSSCOMPILING)
    set(completions "")
    foreach(target "bash bash-completion/completions/torque-topo" "zsh zsh/site-functions/_torque-topo"
                   "fish fish/vendor_completions.d/torque-topo.fish")
        string(REGEX MATCH "^([a-z]+) (.*)/([^/]*)$" unused "${target}")
        set(script ${CMAKE_BINARY_DIR}/completion/${CMAKE_MATCH_1}/${CMAKE_MATCH_3})
        add_custom_command(OUTPUT ${script} DEPENDS torque-topo
                           COMMAND torque-topo completion ${CMAKE_MATCH_1} -o ${script})
        list(APPEND completions ${script})
        install(FILES ${script} DESTINATION ${CMAKE_INSTALL_DATADIR}/${CMAKE_MATCH_2})
        file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/completion/${CMAKE_MATCH_1})
        # The one script is for all programs; zsh reads in it which, the others go by the file's name.
        if(NOT CMAKE_MATCH_1 STREQUAL zsh)
            foreach(program torque-serve torque-load)
                string(REPLACE torque-topo ${program} link ${script})
                file(CREATE_LINK ${CMAKE_MATCH_3} ${link} SYMBOLIC)
                install(FILES ${link} DESTINATION ${CMAKE_INSTALL_DATADIR}/${CMAKE_MATCH_2})
            endforeach()
        endif()
    endforeach()
    add_custom_target(completions ALL DEPENDS ${completions})
endif()

# Written when it is installed: a package has another prefix than the build.
install(CODE "set(bindir \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
configure_file(${CMAKE_SOURCE_DIR}/packaging/torque-serve.service.in ${CMAKE_BINARY_DIR}/torque-serve.service @ONLY)")
install(FILES ${CMAKE_BINARY_DIR}/torque-serve.service DESTINATION lib/systemd/system)

install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
