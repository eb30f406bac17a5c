"""Projects, enabled services, service accounts and their policies, organisation policy."""

from __future__ import annotations

import re
from typing import Any

from .cloud import Cloud, Problem, Resource, Seen, on


@on("cloudresourcemanager", "GET", "/v1/projects/{project}")
def _project(cloud: Cloud, seen: Seen, project: str) -> Any:
    return cloud.get(f"projects/{cloud.project_id(project)}")


@on("cloudresourcemanager", "POST", "/v1/projects/{project}:getIamPolicy")
def _get_policy(cloud: Cloud, seen: Seen, project: str) -> Any:
    return cloud.get_policy(f"projects/{cloud.project_id(project)}")


@on("cloudresourcemanager", "POST", "/v1/projects/{project}:setIamPolicy")
def _set_policy(cloud: Cloud, seen: Seen, project: str) -> Any:
    return cloud.set_policy(f"projects/{cloud.project_id(project)}", seen.body)


@on("cloudbilling", "GET", "/v1/projects/{project}/billingInfo")
def _billing(cloud: Cloud, seen: Seen, project: str) -> Any:
    return {"projectId": project, "billingEnabled": cloud.knobs.get("billing", True)}


@on("orgpolicy", "GET", "/v2/projects/{project}/policies/{constraint}:getEffectivePolicy")
def _org_policy(cloud: Cloud, seen: Seen, project: str, constraint: str) -> Any:
    rules = (
        [{"values": {"allowedValues": ["C0example"]}}] if cloud.knobs.get("public_forbidden") else [{"allowAll": True}]
    )
    return {"name": f"projects/{project}/policies/{constraint}", "spec": {"rules": rules}}


# -- services


def _enabled(cloud: Cloud, project: str, names: list[str]) -> Resource:
    if not cloud.knobs.get("billing", True):
        message = f"Billing account for project '{project}' is not found. Billing must be enabled."
        raise Problem(400, "FAILED_PRECONDITION", message)
    cloud.apis[project] |= set(names)
    return {"name": f"operations/acat.p2-{cloud.next()}", "done": True, "response": {}}


def _service(cloud: Cloud, project: str, name: str) -> Resource:
    number = cloud.number(project)
    state = "ENABLED" if name in cloud.apis[project] else "DISABLED"
    return {"name": f"projects/{number}/services/{name}", "state": state, "config": {"name": name}}


@on("serviceusage", "GET", "/v1/projects/{project}/services")
def _services(cloud: Cloud, seen: Seen, project: str) -> Any:
    project = cloud.project_id(project)
    return {"services": [_service(cloud, project, name) for name in sorted(cloud.apis[project])]}


@on("serviceusage", "GET", "/v1/projects/{project}/services/{name}")
def _one_service(cloud: Cloud, seen: Seen, project: str, name: str) -> Any:
    return _service(cloud, cloud.project_id(project), name)


@on("serviceusage", "POST", "/v1/projects/{project}/services/{name}:enable")
def _enable(cloud: Cloud, seen: Seen, project: str, name: str) -> Any:
    return _enabled(cloud, cloud.project_id(project), [name])


@on("serviceusage", "POST", "/v1/projects/{project}/services:batchEnable")
def _batch_enable(cloud: Cloud, seen: Seen, project: str) -> Any:
    if len(seen.body["serviceIds"]) > 20:
        raise Problem(400, "INVALID_ARGUMENT", "At most 20 services can be enabled at once.")
    return _enabled(cloud, cloud.project_id(project), seen.body["serviceIds"])


@on("serviceusage", "POST", "/v1beta1/projects/{project}/services/{name}:generateServiceIdentity")
def _identity(cloud: Cloud, seen: Seen, project: str, name: str) -> Any:
    project = cloud.project_id(project)
    if name not in cloud.apis[project]:
        raise Problem(403, "PERMISSION_DENIED", f"Service {name} is not enabled for consumer project {project}.")
    number = cloud.number(project)
    if not cloud.knobs.get("identity_never"):
        cloud.things[f"identities/{number}"] = {"project": project}
    email = f"service-{number}@gcp-sa-dialogflow.iam.gserviceaccount.com"
    response = {"@type": "type.googleapis.com/google.api.serviceusage.v1beta1.ServiceIdentity",
                "email": cloud.knobs.get("identity_email", email), "uniqueId": "1234567890"}  # fmt: skip
    return {"name": "operations/finished.DONE_OPERATION", "done": True, "response": response}


@on("serviceusage", "GET", "/v1/operations/{name}")
def _operation(cloud: Cloud, seen: Seen, name: str) -> Any:
    return {"name": f"operations/{name}", "done": True, "response": {}}


# -- service accounts


def _account(cloud: Cloud, email: str) -> str:
    for name in cloud.things:
        if re.fullmatch(rf"projects/[^/]+/serviceAccounts/{re.escape(email)}", name):
            return name
    raise Problem(404, "NOT_FOUND", f"Unknown service account: {email}")


@on("iam", "POST", "/v1/projects/{project}/serviceAccounts")
def _create_account(cloud: Cloud, seen: Seen, project: str) -> Any:
    email = f"{seen.body['accountId']}@{project}.iam.gserviceaccount.com"
    name = f"projects/{project}/serviceAccounts/{email}"
    details = dict(seen.body.get("serviceAccount", {}))
    return cloud.create(name, {"name": name, "email": email, "projectId": project, "uniqueId": "1", **details})


@on("iam", "GET", "/v1/projects/{project}/serviceAccounts/{email}")
def _get_account(cloud: Cloud, seen: Seen, project: str, email: str) -> Any:
    return cloud.things[_account(cloud, email)]


@on("iam", "DELETE", "/v1/projects/{project}/serviceAccounts/{email}")
def _delete_account(cloud: Cloud, seen: Seen, project: str, email: str) -> Any:
    del cloud.things[_account(cloud, email)]
    return {}


@on("iam", "POST", "/v1/projects/{project}/serviceAccounts/{email}:getIamPolicy")
def _account_policy(cloud: Cloud, seen: Seen, project: str, email: str) -> Any:
    return cloud.get_policy(_account(cloud, email))


@on("iam", "POST", "/v1/projects/{project}/serviceAccounts/{email}:setIamPolicy")
def _set_account_policy(cloud: Cloud, seen: Seen, project: str, email: str) -> Any:
    return cloud.set_policy(_account(cloud, email), seen.body)
